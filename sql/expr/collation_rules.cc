// SPDX-License-Identifier: Apache-2.0
#include "sql/expr/collation_rules.h"

#include <optional>

#include "sql/expr/charset.h"
#include "sql/expr/type_rules.h"
#include "sql/sql_error.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

using storage::Collation;
using storage::CollationId;

namespace {

bool is_bin(CollationId id) {
    const Collation* collation = storage::find_collation(id);
    return collation != nullptr && collation->name().ends_with("_bin");
}

bool is_narrow_unicode(CollationId id) {
    const Collation* collation = storage::find_collation(id);
    return collation != nullptr && collation->charset() != storage::CharsetId::kUtf8mb4 &&
           collation->charset() != storage::CharsetId::kUtf32 &&
           collation->charset() != storage::CharsetId::kUtf16;
}

CollationId bin_of(CollationId id) {
    const Collation* collation = storage::find_collation(id);
    if (collation == nullptr) {
        return id;
    }
    const Collation* bin = storage::find_collation(std::string(collation->charset_name()) + "_bin");
    return bin == nullptr ? id : bin->id();
}

/// Whether every text of `right` can become text of `left` without loss and may do so.
bool is_superset(const CollationChoice& left, const CollationChoice& right) {
    if (is_unicode(left.collation)) {
        if (left.coercibility < right.coercibility) {
            return true;
        }
        if (left.coercibility == right.coercibility) {
            if (!is_unicode(right.collation)) {
                return true;
            }
            if (!is_narrow_unicode(left.collation) && is_narrow_unicode(right.collation)) {
                return true;
            }
        }
    }
    return right.ascii_repertoire &&
           (left.coercibility < right.coercibility ||
            (left.coercibility == right.coercibility && !left.ascii_repertoire));
}

/// Both of one charset. False when two explicit collations clash.
bool merge_same_charset(CollationChoice& chosen, const CollationChoice& other) {
    if (chosen.coercibility < other.coercibility || chosen.collation == other.collation) {
        return true;
    }
    if (other.coercibility < chosen.coercibility) {
        chosen.collation = other.collation;
        chosen.coercibility = other.coercibility;
        return true;
    }
    if (chosen.coercibility == Coercibility::kExplicit) {
        return false;
    }
    if (is_bin(chosen.collation)) {
        return true;
    }
    if (is_bin(other.collation)) {
        chosen.collation = other.collation;
        return true;
    }
    chosen.collation = bin_of(chosen.collation);
    chosen.coercibility = Coercibility::kNone;
    return true;
}

bool merge_charsets(CollationChoice& chosen, const CollationChoice& other) {
    const auto take = [&] {
        chosen.collation = other.collation;
        chosen.coercibility = other.coercibility;
    };
    if (chosen.collation == kBinaryCollation) {
        if (other.coercibility < chosen.coercibility) {
            take();
        }
        return true;
    }
    if (other.collation == kBinaryCollation) {
        if (other.coercibility <= chosen.coercibility) {
            take();
        }
        return true;
    }
    if (is_superset(chosen, other)) {
        return true;
    }
    if (is_superset(other, chosen)) {
        take();
        return true;
    }
    // A literal may be converted at the risk of losing characters; a column may not.
    if (chosen.coercibility < other.coercibility &&
        other.coercibility >= Coercibility::kSystemConstant) {
        return true;
    }
    if (other.coercibility < chosen.coercibility &&
        chosen.coercibility >= Coercibility::kSystemConstant) {
        take();
        return true;
    }
    return false;
}

bool merge(CollationChoice& chosen, const CollationChoice& other) {
    const bool ok = same_charset(chosen.collation, other.collation)
                        ? merge_same_charset(chosen, other)
                        : merge_charsets(chosen, other);
    chosen.ascii_repertoire = chosen.ascii_repertoire && other.ascii_repertoire;
    return ok;
}

std::string_view collation_name(CollationId id) {
    const Collation* collation = storage::find_collation(id);
    return collation == nullptr ? std::string_view("binary") : collation->name();
}

std::string_view coercibility_name(Coercibility coercibility) {
    switch (coercibility) {
        case Coercibility::kExplicit:
            return "EXPLICIT";
        case Coercibility::kNone:
            return "NONE";
        case Coercibility::kImplicit:
            return "IMPLICIT";
        case Coercibility::kSystemConstant:
            return "SYSCONST";
        case Coercibility::kLiteral:
            return "COERCIBLE";
        case Coercibility::kNumeric:
            return "NUMERIC";
        case Coercibility::kIgnorable:
            return "IGNORABLE";
    }
    return "";
}

[[noreturn]] void refuse(const std::vector<CollationChoice>& parts, std::string_view operation) {
    const auto name = [&](std::size_t i) { return collation_name(parts[i].collation); };
    const auto strength = [&](std::size_t i) { return coercibility_name(parts[i].coercibility); };
    if (parts.size() == 2) {
        throw_sql_error(ErrorCode::ER_CANT_AGGREGATE_2COLLATIONS, name(0), strength(0), name(1),
                        strength(1), operation);
    }
    if (parts.size() == 3) {
        throw_sql_error(ErrorCode::ER_CANT_AGGREGATE_3COLLATIONS, name(0), strength(0), name(1),
                        strength(1), name(2), strength(2), operation);
    }
    throw_sql_error(ErrorCode::ER_CANT_AGGREGATE_NCOLLATIONS, operation);
}

}  // namespace

CollationChoice collation_of(const ResultType& type, const StatementContext& statement) {
    if (is_text_result(type)) {
        return {type.type.collation, type.coercibility, type.ascii_repertoire};
    }
    if (value_class(type) == ValueClass::kJson) {
        return {kUtf8mb4Bin, Coercibility::kImplicit, false};
    }
    if (type.type.id == storage::TypeId::kBit && !type.is_null_literal) {
        return {kBinaryCollation, Coercibility::kImplicit, false};
    }
    return {statement.connection_collation, Coercibility::kNumeric, true};
}

CollationChoice choose_collation(std::span<const ResultType* const> types, bool must_decide,
                                 std::string_view operation, const StatementContext& statement) {
    std::vector<CollationChoice> parts;
    for (const ResultType* type : types) {
        if (!type->is_null_literal) {
            parts.push_back(collation_of(*type, statement));
        }
    }
    if (parts.empty()) {
        return {statement.connection_collation, Coercibility::kIgnorable, true};
    }
    CollationChoice chosen = parts[0];
    bool undecided = false;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (!merge(chosen, parts[i])) {
            // Two explicit collations may still be overruled by nothing: it is an error at once.
            if (chosen.coercibility == Coercibility::kExplicit &&
                parts[i].coercibility == Coercibility::kExplicit) {
                refuse(parts, operation);
            }
            undecided = true;
        }
    }
    if (undecided || (must_decide && chosen.coercibility == Coercibility::kNone)) {
        refuse(parts, operation);
    }
    return chosen;
}

}  // namespace afterimage::sql
