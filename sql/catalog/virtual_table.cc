// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/virtual_table.h"

#include <algorithm>

#include "sql/catalog/catalog.h"
#include "sql/catalog/identifier.h"

namespace afterimage::sql {

bool ScanRequest::wants(std::size_t column) const {
    return std::binary_search(columns.begin(), columns.end(), column);
}

const storage::Value* ScanRequest::equal_value(std::size_t column) const {
    for (const ScanConjunct& conjunct : conjuncts) {
        if (conjunct.column == column && conjunct.op == ScanConjunct::Op::kEqual) {
            return &conjunct.values.front();
        }
    }
    return nullptr;
}

const std::vector<storage::Value>* ScanRequest::in_values(std::size_t column) const {
    for (const ScanConjunct& conjunct : conjuncts) {
        if (conjunct.column == column &&
            (conjunct.op == ScanConjunct::Op::kEqual || conjunct.op == ScanConjunct::Op::kIn)) {
            return &conjunct.values;
        }
    }
    return nullptr;
}

bool RowListScan::next(storage::Row& row) {
    if (at_ == rows_.size()) {
        return false;
    }
    row = std::move(rows_[at_++]);
    return true;
}

void VirtualTableRegistry::add_table(std::string_view database, std::string_view name,
                                     Factory factory) {
    tables_[{lower_case(database), lower_case(name)}] =
        Named{std::string(name), std::move(factory)};
}

void VirtualTableRegistry::add_family(std::string_view prefix, Factory factory) {
    families_[lower_case(prefix)] = std::move(factory);
}

void VirtualTableRegistry::add_function(std::string_view name, FunctionFactory factory) {
    functions_[lower_case(name)] = std::move(factory);
}

void VirtualTableRegistry::add_scalar(std::string_view name, ScalarFunction function) {
    scalars_[lower_case(name)] = std::move(function);
}

const VirtualTableRegistry::ScalarFunction* VirtualTableRegistry::find_scalar(
    std::string_view name) const {
    const auto found = scalars_.find(lower_case(name));
    return found == scalars_.end() ? nullptr : &found->second;
}

std::unique_ptr<VirtualTable> VirtualTableRegistry::find_table(Catalog& catalog,
                                                               const ResolvedDatabase& database,
                                                               std::string_view name) const {
    const std::string folded = lower_case(name);
    for (const std::string& scope : {lower_case(database.base), std::string()}) {
        const auto found = tables_.find({scope, folded});
        if (found != tables_.end()) {
            return found->second.factory(catalog, database, {});
        }
    }
    // Longest prefix first: dolt_diff_stat_x is of family "dolt_diff_stat_" if there is one.
    std::vector<std::pair<std::size_t, const Factory*>> matches;
    for (const auto& [prefix, factory] : families_) {
        if (folded.size() > prefix.size() && folded.starts_with(prefix)) {
            matches.emplace_back(prefix.size(), &factory);
        }
    }
    std::sort(matches.begin(), matches.end(),
              [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [size, factory] : matches) {
        if (auto table = (*factory)(catalog, database, name.substr(size))) {
            return table;
        }
    }
    return nullptr;
}

const VirtualTableRegistry::FunctionFactory* VirtualTableRegistry::find_function(
    std::string_view name) const {
    const auto found = functions_.find(lower_case(name));
    return found == functions_.end() ? nullptr : &found->second;
}

std::vector<std::string> VirtualTableRegistry::table_names(std::string_view database) const {
    std::vector<std::string> names;
    const std::string folded = lower_case(database);
    for (const auto& [key, named] : tables_) {
        if (key.first == folded) {
            names.push_back(named.name);
        }
    }
    return names;
}

bool VirtualTableRegistry::has_database(std::string_view database) const {
    const std::string folded = lower_case(database);
    const auto found = tables_.lower_bound({folded, std::string()});
    return found != tables_.end() && found->first.first == folded;
}

}  // namespace afterimage::sql
