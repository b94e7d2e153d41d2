// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors
//
// In a static binary the C runtime (crtbeginT.o) registers the tables by which stacks are unwound, and libgcc sorts all that is
// registered when it is first asked, which is when the main thread ends for dispatch_main(3). That takes 25 ms, and 5 MB of tables
// are read for it. With nothing registered it looks into .eh_frame_hdr, which the linker has sorted. So Scripts/build-static has
// the linker put these in the place of what registers (--wrap). Without that table (--eh-frame-hdr, which clang asks for) whatever
// unwinds would abort, and a server unwinds when it starts.

#include <stddef.h>

void __wrap___register_frame_info(const void *tables, void *object);
void *__wrap___deregister_frame_info(const void *tables);

void __wrap___register_frame_info(const void *tables, void *object) {
    (void)tables;
    (void)object;
}

void *__wrap___deregister_frame_info(const void *tables) {
    (void)tables;
    return NULL;
}
