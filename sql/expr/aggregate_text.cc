// SPDX-License-Identifier: Apache-2.0
// GROUP_CONCAT, JSON_ARRAYAGG, JSON_OBJECTAGG.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "sql/expr/aggregate_state.h"
#include "sql/expr/cell.h"
#include "sql/expr/json_convert.h"
#include "sql/expr/json_document.h"
#include "sql/expr/row_hash.h"
#include "sql/expr/type_rules.h"
#include "sql/expr/vector_rows.h"
#include "sql/sql_error.h"
#include "storage/value/collation.h"

namespace afterimage::sql {

namespace {

using Groups = std::span<const std::uint32_t>;

std::size_t group_of(Groups groups, std::size_t row) noexcept {
    return groups.empty() ? 0 : groups[row];
}

/// Rows of a group as (order key, text). Without ORDER BY, LIMIT and DISTINCT the text grows
/// directly and stops at group_concat_max_len; else the rows are kept to the end.
class GroupConcatState : public AggregateState {
  public:
    explicit GroupConcatState(const AggregateCall& call)
        : call_(call),
          keeps_rows_(!call.order_by.empty() || call.distinct || call.limit != ~std::uint64_t{0} ||
                      call.limit_offset != 0) {}

    void resize_groups(std::size_t count) override { groups_.resize(count); }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        for_rows(rows, [&](std::size_t row) { add(inputs, row, groups, context); });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        prepare(out, VectorKind::kString, count);
        for (std::size_t i = 0; i < count; ++i) {
            Group& group = groups_[first + i];
            if (keeps_rows_) {
                join_rows(group, context);
            }
            if (!group.any) {
                out.set_null(i);
                continue;
            }
            if (group.cut) {
                context.statement.warn(
                    1260, error_message(ErrorCode::ER_CUT_VALUE_GROUP_CONCAT, group.cut_row));
            }
            out.strings[i] = context.arena->copy(group.text);
        }
    }
    void clear() override {
        groups_.clear();
        row_bytes_ = 0;
    }
    [[nodiscard]] std::size_t size_bytes() const override {
        return groups_.capacity() * sizeof(Group) + row_bytes_;
    }

  private:
    struct Row {
        std::string order;
        std::string text;
    };
    struct Group {
        bool any = false;
        bool cut = false;
        std::uint64_t rows = 0;
        std::uint64_t cut_row = 0;
        std::string text;
        std::vector<Row> kept;
        std::set<std::string> seen;
    };

    void add(std::span<const ColumnVector* const> inputs, std::size_t row, Groups groups,
             EvalContext& context) {
        Group& group = groups_[group_of(groups, row)];
        std::string text;
        std::string key;
        for (std::size_t i = 0; i < call_.args.size(); ++i) {
            if (inputs[i]->is_null(row)) {
                return;
            }
            text += inputs[i]->string_at(row);
            if (call_.distinct) {
                append_group_key(key, *inputs[i], row, call_.args[i]->type);
            }
        }
        if (call_.distinct && !group.seen.insert(key).second) {
            return;
        }
        if (!keeps_rows_) {
            append(group, text, context);
            return;
        }
        Row kept;
        for (std::size_t i = 0; i < call_.order_by.size(); ++i) {
            const AggregateOrder& order = call_.order_by[i];
            append_order_key(kept.order, *inputs[call_.args.size() + i], row,
                             order.expression->type, order.descending);
        }
        row_bytes_ += kept.order.size() + text.size() + key.size() + sizeof(Row);
        kept.text = std::move(text);
        group.kept.push_back(std::move(kept));
    }

    void append(Group& group, std::string_view text, EvalContext& context) const {
        ++group.rows;
        if (group.cut) {
            return;
        }
        if (group.any) {
            group.text += call_.separator;
        }
        group.any = true;
        group.text += text;
        const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(
            context.statement.group_concat_max_len, context.statement.max_allowed_packet));
        if (group.text.size() <= most) {
            return;
        }
        group.cut = true;
        group.cut_row = group.rows;
        group.text.resize(most);
        const storage::Collation* collation = storage::find_collation(call_.type.type.collation);
        if (collation != nullptr) {
            group.text.resize(storage::well_formed_prefix(collation->charset(), group.text));
        }
    }

    void join_rows(Group& group, EvalContext& context) const {
        std::stable_sort(group.kept.begin(), group.kept.end(),
                         [](const Row& a, const Row& b) { return a.order < b.order; });
        std::uint64_t position = 0;
        for (const Row& row : group.kept) {
            const std::uint64_t at = position++;
            if (at < call_.limit_offset || at - call_.limit_offset >= call_.limit) {
                continue;
            }
            append(group, row.text, context);
        }
        group.kept.clear();
    }

    const AggregateCall& call_;
    bool keeps_rows_;
    std::vector<Group> groups_;
    std::size_t row_bytes_ = 0;
};

class JsonState : public AggregateState {
  public:
    explicit JsonState(const AggregateCall& call)
        : call_(call), object_(call.def->name == "json_objectagg") {}

    void resize_groups(std::size_t count) override { groups_.resize(count); }

    void update(std::span<const ColumnVector* const> inputs, const Batch& rows, Groups groups,
                EvalContext& context) override {
        const std::size_t value_at = object_ ? 1 : 0;
        for_rows(rows, [&](std::size_t row) {
            Group& group = groups_[group_of(groups, row)];
            group.any = true;
            std::string text;
            if (inputs[value_at]->is_null(row)) {
                text = "null";
            } else {
                append_json_of(text, {*inputs[value_at], row, call_.args[value_at]->type}, context);
            }
            bytes_ += text.size() + 16;
            if (!object_) {
                group.text += group.text.empty() ? "" : ", ";
                group.text += text;
                check_size(group.text.size(), context);
                return;
            }
            if (inputs[0]->is_null(row)) {
                throw_sql_error(ErrorCode::ER_JSON_DOCUMENT_NULL_KEY);
            }
            group.members[std::string(inputs[0]->string_at(row))] = std::move(text);
        });
    }

    void finish(std::size_t first, std::size_t count, EvalContext& context,
                ColumnVector& out) override {
        prepare(out, VectorKind::kString, count);
        for (std::size_t i = 0; i < count; ++i) {
            const Group& group = groups_[first + i];
            if (!group.any) {
                out.set_null(i);
                continue;
            }
            const std::string text = object_ ? object_text(group) : "[" + group.text + "]";
            check_size(text.size(), context);
            out.strings[i] = context.arena->copy(text);
        }
    }
    void clear() override {
        groups_.clear();
        bytes_ = 0;
    }
    [[nodiscard]] std::size_t size_bytes() const override { return bytes_; }

  private:
    /// Shorter keys first, then by bytes: the order of members.
    struct KeyOrder {
        bool operator()(const std::string& a, const std::string& b) const {
            return a.size() != b.size() ? a.size() < b.size() : a < b;
        }
    };
    struct Group {
        bool any = false;
        std::string text;
        std::map<std::string, std::string, KeyOrder> members;
    };

    static void check_size(std::size_t size, const EvalContext& context) {
        if (size > context.statement.max_allowed_packet) {
            throw_sql_error(ErrorCode::ER_JSON_VALUE_TOO_BIG);
        }
    }

    static std::string object_text(const Group& group) {
        std::string out = "{";
        for (const auto& [key, value] : group.members) {
            out += out.size() > 1 ? ", " : "";
            append_json_string(out, key);
            out += ": ";
            out += value;
        }
        return out + "}";
    }

    const AggregateCall& call_;
    bool object_;
    std::vector<Group> groups_;
    std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<AggregateState> make_group_concat(const AggregateCall& call) {
    return std::make_unique<GroupConcatState>(call);
}

std::unique_ptr<AggregateState> make_json_aggregate(const AggregateCall& call) {
    return std::make_unique<JsonState>(call);
}

}  // namespace afterimage::sql
