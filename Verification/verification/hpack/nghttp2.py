# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The HPACK of nghttp2's library, which curl and h2load have."""

import ctypes
from collections.abc import Sequence
from ctypes import POINTER, Structure, byref, c_int, c_size_t, c_ssize_t, c_uint8, c_void_p, string_at

from verification.programs import VerificationError

LIBRARY = "libnghttp2.so.14"
EMITTED = 0x02  # NGHTTP2_HD_INFLATE_EMIT
ROOM = 1 << 16

Fields = Sequence[tuple[bytes, bytes]]


class NameAndValue(Structure):
    """A field, as `nghttp2_nv` has it."""

    _fields_ = (("name", c_void_p), ("value", c_void_p), ("name_length", c_size_t), ("value_length", c_size_t), ("flags", c_uint8))


try:
    library = ctypes.CDLL(LIBRARY)
except OSError as error:
    raise VerificationError(f"{LIBRARY} cannot be loaded ({error}); install it with: Scripts/install-tools hpack") from error
library.nghttp2_hd_deflate_hd.restype = c_ssize_t
library.nghttp2_hd_inflate_hd2.restype = c_ssize_t
for each in ("deflate_del", "inflate_del", "inflate_end_headers"):
    getattr(library, f"nghttp2_hd_{each}").argtypes = [c_void_p]
library.nghttp2_hd_deflate_change_table_size.argtypes = [c_void_p, c_size_t]
library.nghttp2_hd_deflate_hd.argtypes = [c_void_p, c_void_p, c_size_t, POINTER(NameAndValue), c_size_t]
library.nghttp2_hd_inflate_hd2.argtypes = [c_void_p, POINTER(NameAndValue), POINTER(c_int), c_void_p, c_size_t, c_int]


class Refused(Exception):
    """A block is none."""


class Encoder:
    """The encoder of a connection."""

    def __init__(self, table_size: int = 4096) -> None:
        self.handle = c_void_p()
        if library.nghttp2_hd_deflate_new(byref(self.handle), c_size_t(table_size)) != 0:
            raise VerificationError("nghttp2 has no memory for an encoder")

    def __del__(self) -> None:
        library.nghttp2_hd_deflate_del(self.handle)

    def resize(self, table_size: int) -> None:
        library.nghttp2_hd_deflate_change_table_size(self.handle, table_size)

    def encode(self, fields: Fields) -> bytes:
        kept = [(ctypes.create_string_buffer(name), ctypes.create_string_buffer(value)) for name, value in fields]
        vector = (NameAndValue * len(fields))()
        for place, (name, value), buffers in zip(vector, fields, kept, strict=True):
            place.name, place.value = (ctypes.addressof(buffer) for buffer in buffers)
            place.name_length, place.value_length = len(name), len(value)
        output = ctypes.create_string_buffer(ROOM)
        length = library.nghttp2_hd_deflate_hd(self.handle, output, ROOM, vector, len(fields))
        if length < 0:
            raise VerificationError(f"nghttp2 encodes no {fields}: {length}")
        return output.raw[:length]


class Decoder:
    """The decoder of a connection."""

    def __init__(self) -> None:
        self.handle = c_void_p()
        if library.nghttp2_hd_inflate_new(byref(self.handle)) != 0:
            raise VerificationError("nghttp2 has no memory for a decoder")

    def __del__(self) -> None:
        library.nghttp2_hd_inflate_del(self.handle)

    def decode(self, block: bytes) -> list[tuple[bytes, bytes]]:
        data = ctypes.create_string_buffer(block, len(block) + 1)
        offset, fields = 0, []
        while True:
            field, flags = NameAndValue(), c_int()
            place, left = ctypes.addressof(data) + offset, len(block) - offset
            taken = library.nghttp2_hd_inflate_hd2(self.handle, byref(field), byref(flags), place, left, 1)
            if taken < 0:
                raise Refused(taken)
            offset += taken
            if flags.value & EMITTED:
                fields.append((string_at(field.name, field.name_length), string_at(field.value, field.value_length)))
            elif offset == len(block):
                library.nghttp2_hd_inflate_end_headers(self.handle)
                return fields
