// SPDX-License-Identifier: Apache-2.0
// FLOAT and DOUBLE as MySQL prints them. Pure functions, thread-safe.
//
// Source: the servers' observed output (text_form_test.cc): the shortest digits that read back the
// same, in plain form while the decimal point lies within 15 places of the digits, else "1.5e-16".
#pragma once

#include "storage/bytes/byte_view.h"

namespace afterimage::storage {

/// "0.1", "1e20", "1.5e-16", "-0". Infinite and NaN, which MySQL never holds, print as "0".
void append_double_text(Bytes& out, double value);
/// As a FLOAT column prints: at most 6 significant digits, which do not always read back the same.
void append_float_text(Bytes& out, float value);
/// FLOAT(M,D) and DOUBLE(M,D), FORMAT and ROUND: exactly `decimals` (at most 30) fraction digits.
void append_fixed_text(Bytes& out, double value, unsigned decimals);

}  // namespace afterimage::storage
