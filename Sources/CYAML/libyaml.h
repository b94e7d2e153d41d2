// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// libyaml, of the system (Debian's package libyaml-dev).
#include <yaml.h>
