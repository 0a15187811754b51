// SPDX-License-Identifier: Apache-2.0
// A JSON document where SQL wants a number.
#pragma once

#include <string_view>

#include "storage/value/decimal.h"

namespace afterimage::sql {

struct EvalContext;

/// Scalars: numbers as they are, true and false as 1 and 0, strings as their leading number; others
/// are 0 with warning 3156.
[[nodiscard]] double json_real(std::string_view document, EvalContext& context);
/// `type_word` is what the warning names: INTEGER or DECIMAL.
[[nodiscard]] storage::Decimal json_decimal(std::string_view document, std::string_view type_word,
                                            EvalContext& context);

}  // namespace afterimage::sql
