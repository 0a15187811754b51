// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/access_path.h"

#include <algorithm>

#include "sql/expr/function_registry.h"
#include "sql/plan/key_value.h"
#include "sql/plan/row_estimate.h"

namespace afterimage::sql {

using storage::IndexPart;
using storage::TableSchema;
using Kind = ColumnCondition::Kind;

namespace {

/// Cost of fetching a row from the primary tree for an index entry, in rows scanned in order.
constexpr double kLookupCost = 3;
/// Cost of starting a range: a descent.
constexpr double kSeekCost = 2;
/// Index ranges up to here are counted exactly while planning.
constexpr std::size_t kMaxCountedRanges = 256;
/// Longest text, in characters, whose keys are never cut: their order is the column's order.
constexpr std::uint32_t kMaxOrderedLength = 255;

bool slot_of_source(const Expression& expression, const BoundSource& source) {
    return expression.kind == ExpressionKind::kSlot && expression.index >= source.first_slot &&
           expression.index < source.first_slot + source.columns.size();
}

bool reads_source(const Expression& expression, const BoundSource& source) {
    bool reads = false;
    collect_slots(expression, [&](std::size_t slot) {
        reads = reads ||
                (slot >= source.first_slot && slot < source.first_slot + source.columns.size());
    });
    return reads;
}

struct Matcher {
    const Expression& conjunct;
    const BoundSource& source;
    std::vector<ColumnCondition>& out;

    /// The column ordinal when `operand` is a column of the source that keys can be made for.
    std::optional<std::size_t> column(const Expression& operand, const Expression& value,
                                      storage::CollationId collation) const {
        const Expression* slot = strip_order_keeping_casts(operand);
        if (!slot || !slot_of_source(*slot, source) || reads_source(value, source)) {
            return std::nullopt;
        }
        const std::size_t ordinal = slot->index - source.first_slot;
        const storage::ColumnType& type = source.table->schema().columns[ordinal].type;
        if (!may_use_key(value.type, type, collation)) {
            return std::nullopt;
        }
        return ordinal;
    }

    void add(Kind kind, std::size_t ordinal, std::vector<const Expression*> values,
             bool inclusive = true) const {
        ColumnCondition condition;
        condition.kind = kind;
        condition.column = ordinal;
        condition.values = std::move(values);
        condition.inclusive = inclusive;
        condition.conjunct = &conjunct;
        out.push_back(std::move(condition));
    }

    void compare(std::string_view op, const Expression& left, const Expression& right,
                 storage::CollationId collation) const {
        for (const bool swapped : {false, true}) {
            const Expression& operand = swapped ? right : left;
            const Expression& value = swapped ? left : right;
            const auto ordinal = column(operand, value, collation);
            if (!ordinal) {
                continue;
            }
            const bool less = op.front() == '<';
            if (op == "=") {
                add(Kind::kEqual, *ordinal, {&value});
            } else if (op == "<=>") {
                add(Kind::kNullSafeEqual, *ordinal, {&value});
            } else {
                add(less != swapped ? Kind::kHigh : Kind::kLow, *ordinal, {&value}, op.size() == 2);
            }
        }
    }

    void in_list() const {
        const auto& args = conjunct.args;
        std::vector<const Expression*> values;
        std::optional<std::size_t> ordinal;
        for (std::size_t i = 1; i < args.size(); ++i) {
            ordinal = column(*args[0], *args[i], conjunct.collation);
            if (!ordinal) {
                return;
            }
            values.push_back(args[i].get());
        }
        if (ordinal) {
            add(Kind::kEqual, *ordinal, std::move(values));
        }
    }

    /// a = 1 OR a = 2 OR a IN (3, 4)
    void alternatives() const {
        std::vector<const Expression*> values;
        std::optional<std::size_t> same;
        for (const ExpressionPtr& arg : conjunct.args) {
            std::vector<ColumnCondition> found;
            find_column_conditions(*arg, source, found);
            const auto equal =
                std::find_if(found.begin(), found.end(), [&](const ColumnCondition& c) {
                    return c.kind == Kind::kEqual && (!same || c.column == *same);
                });
            if (equal == found.end()) {
                return;
            }
            same = equal->column;
            values.insert(values.end(), equal->values.begin(), equal->values.end());
        }
        if (same) {
            add(Kind::kEqual, *same, std::move(values));
        }
    }

    void like() const {
        const auto& args = conjunct.args;
        const Expression* slot = strip_order_keeping_casts(*args[0]);
        if (args.size() != 2 || !slot || !slot_of_source(*slot, source) || !is_constant(*args[1])) {
            return;
        }
        const std::size_t ordinal = slot->index - source.first_slot;
        const storage::ColumnType& type = source.table->schema().columns[ordinal].type;
        if (storage::is_text(type.id) && conjunct.collation == type.collation) {
            add(Kind::kLike, ordinal, {args[1].get()});
        }
    }
};

}  // namespace

const Expression* strip_order_keeping_casts(const Expression& expression) {
    const Expression* node = &expression;
    while (node->kind == ExpressionKind::kCast && node->cast_mode == CastMode::kImplicit) {
        const ResultType& to = node->type;
        const Expression* inner = node->args[0].get();
        const bool to_number = to.type.id == storage::TypeId::kDecimal ||
                               to.type.id == storage::TypeId::kDouble ||
                               storage::is_integer(to.type.id);
        const bool from_number = inner->type.type.id == storage::TypeId::kDecimal ||
                                 inner->type.type.id == storage::TypeId::kFloat ||
                                 inner->type.type.id == storage::TypeId::kDouble ||
                                 inner->type.type.id == storage::TypeId::kYear ||
                                 storage::is_integer(inner->type.type.id);
        const bool date = to.type.id == storage::TypeId::kDateTime &&
                          (inner->type.type.id == storage::TypeId::kDate ||
                           inner->type.type.id == storage::TypeId::kDateTime ||
                           inner->type.type.id == storage::TypeId::kTimestamp);
        const bool time =
            to.type.id == storage::TypeId::kTime && inner->type.type.id == storage::TypeId::kTime;
        // Rounding to fewer fraction digits would move values; comparisons only ever widen.
        if (!(to_number && from_number) && !date && !time) {
            return nullptr;
        }
        node = inner;
    }
    return node;
}

void find_column_conditions(const Expression& conjunct, const BoundSource& source,
                            std::vector<ColumnCondition>& out) {
    if (conjunct.kind != ExpressionKind::kCall || source.kind != SourceKind::kTable) {
        return;
    }
    const Matcher matcher{conjunct, source, out};
    const std::string_view name = conjunct.function->name;
    const auto& args = conjunct.args;
    if (name == "=" || name == "<=>" || name == "<" || name == "<=" || name == ">" ||
        name == ">=") {
        if (args.size() == 2) {
            matcher.compare(name, *args[0], *args[1], conjunct.collation);
        }
    } else if (name == "between" && args.size() == 3) {
        const auto low = matcher.column(*args[0], *args[1], conjunct.collation);
        const auto high = matcher.column(*args[0], *args[2], conjunct.collation);
        if (low && high) {
            matcher.add(Kind::kBetween, *low, {args[1].get(), args[2].get()});
        }
    } else if (name == "in") {
        matcher.in_list();
    } else if (name == "or") {
        matcher.alternatives();
    } else if (name == "like") {
        matcher.like();
    } else if ((name == "is_null" || name == "is_not_null") && slot_of_source(*args[0], source)) {
        matcher.add(name == "is_null" ? Kind::kIsNull : Kind::kIsNotNull,
                    args[0]->index - source.first_slot, {});
    }
}

double default_selectivity(const Expression& condition) {
    if (condition.kind != ExpressionKind::kCall) {
        return 0.5;
    }
    const std::string_view name = condition.function->name;
    if (name == "=" || name == "<=>" || name == "is_null") {
        return 0.1;
    }
    if (name == "in") {
        return std::min(0.5, 0.1 * static_cast<double>(condition.args.size() - 1));
    }
    if (name == "between") {
        return 0.2;
    }
    if (name == "<" || name == "<=" || name == ">" || name == ">=") {
        return 0.33;
    }
    if (name == "and") {
        double product = 1;
        for (const ExpressionPtr& arg : condition.args) {
            product *= default_selectivity(*arg);
        }
        return product;
    }
    return 0.5;
}

AccessPlanner::AccessPlanner(const BoundSource& source, const storage::TableReader& reader,
                             EvalContext& context)
    : source_(source), reader_(reader), context_(context), table_rows_(estimated_rows(reader)) {}

bool AccessPlanner::usable(std::size_t index) const {
    const TableSchema& schema = reader_.schema();
    if (index == kPrimaryTree && !schema.primary_key) {
        return false;
    }
    const storage::Index& described = index_of(schema, index);
    if (described.kind != storage::IndexKind::kBTree || described.invisible) {
        return false;
    }
    for (const IndexPart& part : described.parts) {
        if (part.column == 0) {
            return false;
        }
    }
    if (std::find(source_.ignore_indexes.begin(), source_.ignore_indexes.end(), index) !=
        source_.ignore_indexes.end()) {
        return false;
    }
    return !source_.use_indexes ||
           std::find(source_.use_indexes->begin(), source_.use_indexes->end(), index) !=
               source_.use_indexes->end();
}

AccessChoice AccessPlanner::build(std::size_t index, const std::vector<ColumnCondition>& conditions,
                                  const SlotAvailable& available, bool* has_outer) const {
    const TableSchema& schema = reader_.schema();
    const storage::Index& described = index_of(schema, index);
    AccessChoice choice;
    KeyAccess& access = choice.access;
    access.index = index;
    const auto can_use = [&](const ColumnCondition& condition, bool* outer) {
        bool all = true;
        for (const Expression* value : condition.values) {
            collect_slots(*value, [&](std::size_t slot) {
                all = all && available(slot);
                *outer = true;
            });
        }
        return all;
    };
    std::size_t combinations = 1;
    bool fixed = true;
    for (std::size_t part = 0; part < described.parts.size() && fixed; ++part) {
        const std::size_t column = schema.ordinal_of(described.parts[part].column);
        const bool prefix = described.parts[part].prefix_length != 0;
        fixed = false;
        const ColumnCondition* best = nullptr;
        for (const ColumnCondition& condition : conditions) {
            bool outer = false;
            const bool point = condition.kind == Kind::kEqual || condition.kind == Kind::kIsNull ||
                               condition.kind == Kind::kNullSafeEqual;
            if (condition.column != column || !point || !can_use(condition, &outer)) {
                continue;
            }
            if (!best || condition.values.size() < best->values.size()) {
                best = &condition;
            }
        }
        const std::size_t count = best ? std::max<std::size_t>(best->values.size(), 1) : 0;
        if (best && combinations * count <= kMaxKeyRanges) {
            combinations *= count;
            bool outer = false;
            (void)can_use(*best, &outer);
            *has_outer = *has_outer || outer;
            KeyPoints points;
            points.values = best->values;
            points.is_null = best->kind == Kind::kIsNull;
            points.null_safe = best->kind == Kind::kNullSafeEqual;
            access.points.push_back(std::move(points));
            choice.used.push_back(best->conjunct);
            fixed = !prefix;
            continue;
        }
        for (const ColumnCondition& condition : conditions) {
            bool outer = false;
            if (condition.column != column || !can_use(condition, &outer)) {
                continue;
            }
            const bool sets_low = condition.kind == Kind::kLow || condition.kind == Kind::kBetween;
            const bool sets_high =
                condition.kind == Kind::kHigh || condition.kind == Kind::kBetween;
            if (sets_low && !access.low) {
                access.low = condition.values[0];
                access.low_inclusive = condition.inclusive;
            }
            if (sets_high && !access.high) {
                access.high = condition.values.back();
                access.high_inclusive = condition.inclusive;
            }
            if (condition.kind == Kind::kLike && access.points.empty()) {
                access.like = condition.values[0];
            }
            if (condition.kind == Kind::kIsNotNull) {
                access.not_null = true;
            }
            const bool likes = condition.kind == Kind::kLike && access.like != nullptr;
            if (sets_low || sets_high || likes || condition.kind == Kind::kIsNotNull) {
                *has_outer = *has_outer || outer;
                choice.used.push_back(condition.conjunct);
            }
        }
    }
    if (access.low || access.high) {
        access.like = nullptr;
    }
    bool single = true;
    for (const KeyPoints& points : access.points) {
        single = single && !points.is_null && !points.null_safe;
    }
    bool whole_parts = true;
    for (const IndexPart& part : described.parts) {
        whole_parts = whole_parts && part.prefix_length == 0;
    }
    access.unique = single && whole_parts && (described.unique || index == kPrimaryTree) &&
                    access.points.size() == described.parts.size();
    choice.covering = is_covering(index);
    return choice;
}

bool AccessPlanner::is_covering(std::size_t index) const {
    if (index == kPrimaryTree || source_.row_identity) {
        return index == kPrimaryTree;
    }
    const TableSchema& schema = reader_.schema();
    const storage::KeyCodec& codec = codec_of(reader_.layout(), index);
    std::vector<bool> known(schema.columns.size(), false);
    const auto add = [&](const storage::Index& described, const storage::KeyCodec& parts) {
        for (std::size_t i = 0; i < described.parts.size(); ++i) {
            const std::size_t ordinal = schema.ordinal_of(described.parts[i].column);
            const storage::ColumnType& type = schema.columns[ordinal].type;
            const bool may_be_cut =
                storage::is_blob(type.id) && type.length > storage::KeyCodec::kMaxStringKey;
            // decode_parts gives all parts before one that cannot be read, or nothing.
            if (!parts.reversible(i) || described.parts[i].prefix_length != 0 || may_be_cut) {
                return;
            }
            known[ordinal] = true;
        }
    };
    add(schema.indexes[index], codec);
    if (schema.primary_key) {
        add(*schema.primary_key, *reader_.layout().primary);
    }
    for (std::size_t i = 0; i < source_.used.size(); ++i) {
        if (source_.used[i] && !known[i]) {
            return false;
        }
    }
    return !schema.keyless();
}

double AccessPlanner::rows_per_key(const KeyAccess& access) {
    if (access.unique || !counts_cheaply(reader_)) {
        return 1;
    }
    // A few entries, evenly spread, and how many share their first parts.
    const std::size_t parts = std::max<std::size_t>(access.points.size(), 1);
    constexpr unsigned kSamples = 4;
    double total = 0;
    unsigned samples = 0;
    const storage::KeyCodec& codec = codec_of(reader_.layout(), access.index);
    for (unsigned i = 0; i < kSamples && table_rows_ > 0; ++i) {
        auto cursor =
            access.index == kPrimaryTree ? reader_.scan() : reader_.scan_index(access.index, {});
        const auto skip = static_cast<std::uint64_t>(table_rows_ * i / kSamples);
        if ((skip > 0 && cursor->skip(skip) < skip) || !cursor->next()) {
            break;
        }
        const storage::Row row = reader_.layout().rows.decode(cursor->row(), &reader_.blocks());
        storage::Bytes prefix;
        const storage::Index& described = index_of(reader_.schema(), access.index);
        for (std::size_t part = 0; part < parts; ++part) {
            codec.append_part(prefix, part,
                              row[reader_.schema().ordinal_of(described.parts[part].column)]);
        }
        storage::Bytes end = storage::KeyCodec::prefix_end(prefix);
        storage::KeyRange range{prefix, end.empty() ? std::nullopt : std::optional(end)};
        total += static_cast<double>(access.index == kPrimaryTree
                                         ? reader_.count(range)
                                         : reader_.count_index(access.index, range));
        ++samples;
    }
    return samples == 0 ? 1 : std::max(1.0, total / samples);
}

void AccessPlanner::estimate(AccessChoice& choice, bool has_outer) {
    KeyAccess& access = choice.access;
    const double lookup = access.index == kPrimaryTree || choice.covering ? 1 : 1 + kLookupCost;
    if (access.whole()) {
        choice.rows = table_rows_;
        choice.cost = choice.rows * lookup;
        return;
    }
    bool known = !has_outer;
    const auto check = [&](const Expression* value) {
        if (value) {
            walk(*value, [&](const Expression& node) {
                known = known && node.kind != ExpressionKind::kOuterSlot &&
                        node.kind != ExpressionKind::kSubquery;
            });
        }
    };
    std::size_t combinations = 1;
    for (const KeyPoints& points : access.points) {
        combinations *= std::max<std::size_t>(points.values.size(), 1);
        for (const Expression* value : points.values) {
            check(value);
        }
    }
    check(access.low);
    check(access.high);
    check(access.like);
    // A whole unique key is one row at most: nothing needs to be counted.
    if (access.unique && combinations == 1) {
        choice.rows = std::min(1.0, table_rows_);
        choice.cost = choice.rows * (has_outer ? lookup : 0);
        return;
    }
    if (known && counts_cheaply(reader_)) {
        const auto values = [&](const Expression& expression) {
            return evaluate_constant(expression, context_);
        };
        const auto ranges = make_key_ranges(access, reader_.layout(), values, context_);
        if (ranges.size() <= kMaxCountedRanges) {
            choice.rows = 0;
            for (const storage::KeyRange& range : ranges) {
                choice.rows += static_cast<double>(access.index == kPrimaryTree
                                                       ? reader_.count(range)
                                                       : reader_.count_index(access.index, range));
            }
            choice.cost = choice.rows * lookup + kSeekCost * static_cast<double>(ranges.size());
            return;
        }
    }
    const double each = access.points.empty() ? table_rows_ : rows_per_key(access);
    choice.rows = each * static_cast<double>(combinations);
    if (access.low || access.high || access.like) {
        choice.rows *= access.low && access.high ? 0.1 : 0.33;
    }
    choice.rows = std::min(choice.rows, table_rows_);
    choice.cost = choice.rows * lookup + kSeekCost * static_cast<double>(combinations);
}

std::optional<AccessChoice> AccessPlanner::choose(const std::vector<ColumnCondition>& conditions,
                                                  const SlotAvailable& available,
                                                  bool lookups_only) {
    std::optional<AccessChoice> best;
    const auto consider = [&](std::size_t index) {
        if (!usable(index)) {
            return;
        }
        bool has_outer = false;
        AccessChoice choice = build(index, conditions, available, &has_outer);
        if ((lookups_only && !has_outer) || (choice.access.whole() && !choice.covering)) {
            return;
        }
        estimate(choice, has_outer);
        if (!best || choice.cost <= best->cost) {
            best = std::move(choice);
        }
    };
    if (!lookups_only) {
        AccessChoice scan;
        scan.rows = table_rows_;
        scan.cost = table_rows_;
        scan.covering = true;
        best = std::move(scan);
    }
    consider(kPrimaryTree);
    for (std::size_t i = 0; i < reader_.schema().indexes.size(); ++i) {
        consider(i);
    }
    return best;
}

bool AccessPlanner::delivers(KeyAccess& access, const std::vector<WantedOrder>& order) const {
    const TableSchema& schema = reader_.schema();
    if (access.index == kPrimaryTree && !schema.primary_key) {
        return false;
    }
    std::vector<const IndexPart*> parts;
    for (const IndexPart& part : index_of(schema, access.index).parts) {
        parts.push_back(&part);
    }
    const std::size_t own_parts = parts.size();
    if (access.index != kPrimaryTree && schema.primary_key) {
        for (const IndexPart& part : schema.primary_key->parts) {
            parts.push_back(&part);
        }
    }
    const auto is_fixed = [&](std::size_t part) {
        return part < access.points.size() &&
               (access.points[part].is_null || access.points[part].values.size() == 1);
    };
    std::optional<bool> reverse;
    std::size_t part = 0;
    for (const WantedOrder& wanted : order) {
        bool matched = false;
        for (; part < parts.size(); ++part) {
            const std::size_t column = schema.ordinal_of(parts[part]->column);
            if (column == wanted.column) {
                matched = true;
                break;
            }
            if (!is_fixed(part)) {
                return false;
            }
        }
        if (!matched) {
            return false;
        }
        const storage::ColumnType& type = schema.columns[wanted.column].type;
        const bool ordered_text = !storage::is_byte_string(type.id) ||
                                  ((storage::is_text(type.id) || storage::is_blob(type.id)) &&
                                   type.length != 0 && type.length <= kMaxOrderedLength);
        if (parts[part]->prefix_length != 0 || !ordered_text) {
            return false;
        }
        const bool fixed = is_fixed(part);
        const bool wants_reverse = wanted.descending != parts[part]->descending;
        if (!fixed) {
            if (reverse && *reverse != wants_reverse) {
                return false;
            }
            reverse = wants_reverse;
        }
        ++part;
        if (access.unique && part >= own_parts) {
            break;
        }
    }
    access.reverse = reverse.value_or(false);
    return true;
}

std::optional<AccessChoice> AccessPlanner::choose_ordered(
    const std::vector<ColumnCondition>& conditions, const std::vector<WantedOrder>& order) {
    std::optional<AccessChoice> best;
    const auto consider = [&](std::size_t index) {
        if (!usable(index)) {
            return;
        }
        bool has_outer = false;
        AccessChoice choice = build(
            index, conditions, [](std::size_t) { return false; }, &has_outer);
        if (!delivers(choice.access, order)) {
            return;
        }
        estimate(choice, has_outer);
        if (!best || choice.cost < best->cost) {
            best = std::move(choice);
        }
    };
    consider(kPrimaryTree);
    for (std::size_t i = 0; i < reader_.schema().indexes.size(); ++i) {
        consider(i);
    }
    return best;
}

}  // namespace afterimage::sql
