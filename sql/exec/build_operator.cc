// SPDX-License-Identifier: Apache-2.0
// Plan nodes to operators.
#include "sql/exec/aggregate_operator.h"
#include "sql/exec/join.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_operators.h"
#include "sql/exec/sort.h"
#include "sql/exec/source_operators.h"
#include "sql/exec/table_scan.h"
#include "sql/exec/window_operator.h"
#include "storage/bytes/invariant.h"

namespace afterimage::sql {

namespace {

OperatorPtr build_join(const PlanNode& node, ExecContext& context) {
    OperatorPtr outer = build_operator(*node.children[0], context);
    if (node.kind == PlanKind::kIndexJoin) {
        return std::make_unique<IndexJoin>(node, context, std::move(outer));
    }
    OperatorPtr inner = build_operator(*node.children[1], context);
    if (node.kind == PlanKind::kHashJoin) {
        return std::make_unique<HashJoin>(node, context, std::move(outer), std::move(inner));
    }
    if (node.rebuild) {
        return std::make_unique<LateralJoin>(node, context, std::move(outer), std::move(inner));
    }
    return std::make_unique<NestedLoopJoin>(node, context, std::move(outer), std::move(inner));
}

}  // namespace

OperatorPtr build_operator(const PlanNode& node, ExecContext& context) {
    const auto child = [&] { return build_operator(*node.children[0], context); };
    switch (node.kind) {
        case PlanKind::kOneRow:
            return std::make_unique<OneRow>(node, context);
        case PlanKind::kTableScan:
            return std::make_unique<TableScan>(node, context);
        case PlanKind::kVirtualScan:
            return std::make_unique<VirtualTableScan>(node, context);
        case PlanKind::kQuerySource:
            return std::make_unique<QuerySource>(node, context);
        case PlanKind::kCteWorking:
            return std::make_unique<CteWorking>(node, context);
        case PlanKind::kFilter:
            return std::make_unique<Filter>(node, context, child());
        case PlanKind::kNestedLoop:
        case PlanKind::kIndexJoin:
        case PlanKind::kHashJoin:
            return build_join(node, context);
        case PlanKind::kAggregate:
            return std::make_unique<Aggregate>(node, context, child());
        case PlanKind::kTableCount:
            return std::make_unique<TableCount>(node, context);
        case PlanKind::kWindow:
            return std::make_unique<Window>(node, context, child());
        case PlanKind::kProject:
            return std::make_unique<Project>(node, context, child());
        case PlanKind::kDistinct:
            return std::make_unique<Distinct>(node, context, child());
        case PlanKind::kSort:
            return std::make_unique<Sort>(node, context, child());
        case PlanKind::kLimit:
            return std::make_unique<Limit>(node, context, child());
        case PlanKind::kSetOperation:
            return std::make_unique<SetOperation>(node, context);
        case PlanKind::kValues:
            return std::make_unique<ValuesRows>(node, context);
        case PlanKind::kEmpty:
            break;
    }
    INVARIANT(false, "every plan node has an operator");
}

}  // namespace afterimage::sql
