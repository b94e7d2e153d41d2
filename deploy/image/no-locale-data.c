// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// Stands for the 34 MB of locale data of Foundation's ICU: an empty table of contents, as ICU's own "stubdata" is.
//
// Foundation gets into the binary by the YAML library, which uses its regular expressions; they need no such data.
// Nothing here formats for people of some locale.

#include <stdint.h>

/// The head of ICU's data (unicode/udata.h: UDataInfo) and of a common table of contents, format "ToCP" version 1.
struct icu_data {
    uint16_t header_size;
    uint8_t magic[2];
    uint16_t info_size, reserved_word;
    uint8_t is_big_endian, charset_family, size_of_character, reserved_byte;
    uint8_t data_format[4], format_version[4], data_version[4];
    uint8_t padding[8];
    uint32_t entry_count, reserved_count;
};

_Alignas(16) const struct icu_data icudt76_dat = {
    .header_size = 32,
    .magic = {0xda, 0x27},
    .info_size = 20,
    .size_of_character = 2,
    .data_format = {'T', 'o', 'C', 'P'},
    .format_version = {1},
};
