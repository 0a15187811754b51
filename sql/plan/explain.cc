// SPDX-License-Identifier: Apache-2.0
// A plan as text: EXPLAIN FORMAT=TREE and the traditional table.
#include <fmt/format.h>

#include <cmath>

#include "sql/catalog/identifier.h"
#include "sql/plan/key_ranges.h"
#include "sql/plan/planner.h"

namespace afterimage::sql {

namespace {

std::string index_name(const PlanNode& node) {
    const storage::TableSchema& schema = node.source->table->schema();
    if (node.access.index == kPrimaryTree) {
        return schema.primary_key ? "PRIMARY" : "";
    }
    return schema.indexes[node.access.index].name;
}

std::string conditions_text(const std::vector<const Expression*>& conditions) {
    std::string text;
    for (const Expression* condition : conditions) {
        text += (text.empty() ? "" : " and ") + print_expression(*condition);
    }
    return text;
}

std::string scan_text(const PlanNode& node, bool lookup) {
    const KeyAccess& access = node.access;
    const std::string& alias = node.source->alias;
    if (access.whole()) {
        if (access.index == kPrimaryTree && !access.reverse) {
            return "Table scan on " + alias;
        }
        return fmt::format("{} scan on {} using {}{}", node.covering ? "Covering index" : "Index",
                           alias, index_name(node), access.reverse ? " (reverse)" : "");
    }
    const char* what = access.unique        ? "Single-row index lookup"
                       : access.has_range() ? "Index range scan"
                       : lookup             ? "Index lookup"
                                            : "Index lookup";
    return fmt::format("{} on {} using {}{}", what, alias, index_name(node),
                       access.reverse ? " (reverse)" : "");
}

std::string node_text(const PlanNode& node) {
    switch (node.kind) {
        case PlanKind::kOneRow:
            return "Rows fetched before execution";
        case PlanKind::kTableScan:
            return scan_text(node, false);
        case PlanKind::kVirtualScan: {
            std::string text = "Table scan on " + node.source->alias;
            if (!node.pushed_conditions.empty()) {
                text += ", pushed: " + conditions_text(node.pushed_conditions);
            }
            return text;
        }
        case PlanKind::kQuerySource:
            return "Materialize " + node.source->alias;
        case PlanKind::kCteWorking:
            return "Scan new records on " + node.source->alias;
        case PlanKind::kFilter:
            return "Filter: (" + conditions_text(node.conditions) + ")";
        case PlanKind::kNestedLoop:
            return node.left_join ? "Nested loop left join" : "Nested loop inner join";
        case PlanKind::kIndexJoin:
            return fmt::format("Nested loop {} join: {}", node.left_join ? "left" : "inner",
                               scan_text(node, true));
        case PlanKind::kHashJoin: {
            std::string keys;
            for (std::size_t i = 0; i < node.left_keys.size(); ++i) {
                keys += fmt::format("{}({} = {})", i == 0 ? "" : ", ",
                                    print_expression(*node.left_keys[i]),
                                    print_expression(*node.right_keys[i]));
            }
            return fmt::format("{} hash join {}", node.left_join ? "Left" : "Inner", keys);
        }
        case PlanKind::kAggregate:
            return node.select->group_by.empty() ? "Aggregate" : "Aggregate using hash table";
        case PlanKind::kTableCount:
            return "Count rows in " + node.source->alias;
        case PlanKind::kWindow:
            return "Window aggregate";
        case PlanKind::kProject:
            return "";
        case PlanKind::kDistinct:
            return "Deduplicate";
        case PlanKind::kSort:
            return node.limit ? fmt::format("Sort, limit input to {} row(s)", *node.limit) : "Sort";
        case PlanKind::kLimit:
            return node.limit ? fmt::format("Limit/Offset: {}/{} row(s)", *node.limit, node.offset)
                              : fmt::format("Offset: {} row(s)", node.offset);
        case PlanKind::kSetOperation:
            return "Set operation";
        case PlanKind::kValues:
            return "Values";
        case PlanKind::kEmpty:
            return "Zero rows";
    }
    return "";
}

void print(const PlanNode& node, unsigned depth, std::string& out) {
    const std::string text = node_text(node);
    const bool residual = !node.conditions.empty() && node.kind != PlanKind::kFilter;
    if (residual) {
        out += std::string(depth * std::size_t{4}, ' ') + "-> Filter: (" +
               conditions_text(node.conditions) + ")\n";
        ++depth;
    }
    if (!text.empty()) {
        out += std::string(depth * std::size_t{4}, ' ') +
               fmt::format("-> {}  (rows={:.0f})\n", text, std::ceil(node.rows));
        ++depth;
    }
    for (const auto& child : node.children) {
        print(*child, depth, out);
    }
    if (node.subplan) {
        print(*node.subplan->root, depth, out);
    }
    for (const auto& subplan : node.subplans) {
        print(*subplan->root, depth, out);
    }
}

std::string possible_keys(const BoundSource& source) {
    std::string keys;
    const storage::TableSchema& schema = source.table->schema();
    if (schema.primary_key) {
        keys = "PRIMARY";
    }
    for (const storage::Index& index : schema.indexes) {
        keys += (keys.empty() ? "" : ",") + index.name;
    }
    return keys;
}

ExplainRow table_row(const PlanNode& node, bool joined) {
    ExplainRow row;
    row.table = node.source->alias;
    row.rows = std::max(1.0, std::ceil(node.rows));
    const KeyAccess& access = node.access;
    if (access.whole()) {
        row.type = access.index == kPrimaryTree && !access.reverse ? "ALL" : "index";
    } else if (access.unique) {
        row.type = joined ? "eq_ref" : "const";
    } else {
        row.type = access.has_range() ? "range" : "ref";
    }
    if (row.type != "ALL") {
        row.possible_keys = possible_keys(*node.source);
        row.key = index_name(node);
    }
    if (!node.conditions.empty()) {
        row.extra = "Using where";
    }
    if (node.covering) {
        row.extra += row.extra.empty() ? "Using index" : "; Using index";
    }
    return row;
}

void collect(const PlanNode& node, std::uint64_t& id, std::string extra,
             std::vector<ExplainRow>& rows, const std::string& select_type) {
    const std::uint64_t own = id;
    const auto add_extra = [&](const char* text) {
        extra += (extra.empty() ? "" : "; ") + std::string(text);
    };
    const std::size_t first = rows.size();
    switch (node.kind) {
        case PlanKind::kTableScan:
            rows.push_back(table_row(node, false));
            break;
        case PlanKind::kVirtualScan:
        case PlanKind::kQuerySource:
        case PlanKind::kCteWorking: {
            ExplainRow row;
            row.table = node.source->alias;
            row.type = "ALL";
            row.rows = std::max(1.0, std::ceil(node.rows));
            row.extra = node.pushed_conditions.empty()
                            ? (node.conditions.empty() ? "" : "Using where")
                            : "Using pushed condition " + conditions_text(node.pushed_conditions);
            rows.push_back(std::move(row));
            break;
        }
        case PlanKind::kSort:
            add_extra("Using filesort");
            break;
        case PlanKind::kDistinct:
            add_extra("Using temporary");
            break;
        case PlanKind::kAggregate:
            if (!node.select->group_by.empty()) {
                add_extra("Using temporary");
            }
            break;
        case PlanKind::kTableCount:
        case PlanKind::kOneRow:
        case PlanKind::kValues: {
            ExplainRow row;
            row.rows = 0;
            row.extra = node.kind == PlanKind::kTableCount ? "Select tables optimized away"
                                                           : "No tables used";
            rows.push_back(std::move(row));
            break;
        }
        default:
            break;
    }
    for (const auto& child : node.children) {
        collect(*child, id, {}, rows, select_type);
    }
    if (node.kind == PlanKind::kIndexJoin) {
        rows.push_back(table_row(node, true));
    }
    for (std::size_t i = first; i < rows.size(); ++i) {
        if (rows[i].id == 0) {
            continue;
        }
        if (i == first && !extra.empty()) {
            rows[i].extra += (rows[i].extra.empty() ? "" : "; ") + extra;
        }
        if (rows[i].select_type == "SIMPLE") {
            rows[i].id = own;
            rows[i].select_type = select_type;
        }
    }
    if (node.subplan) {
        ++id;
        collect(*node.subplan->root, id, {}, rows, "DERIVED");
    }
    bool later = false;
    for (const auto& subplan : node.subplans) {
        if (later) {
            ++id;
        }
        collect(*subplan->root, id, {}, rows, later ? "UNION" : "PRIMARY");
        later = true;
    }
}

}  // namespace

std::string explain_tree(const QueryPlan& plan) {
    std::string text;
    print(*plan.root, 0, text);
    return text;
}

std::vector<ExplainRow> explain_rows(const QueryPlan& plan) {
    std::vector<ExplainRow> rows;
    std::uint64_t id = 1;
    collect(*plan.root, id, {}, rows, "SIMPLE");
    return rows;
}

}  // namespace afterimage::sql
