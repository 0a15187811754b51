// SPDX-License-Identifier: Apache-2.0
// dolt_verify_constraints: whether WORKING keeps its foreign keys, unique keys, checks and NOT
// NULLs, whatever was switched off while it was written. Answers 0 or 1, as Dolt does.
#include <array>

#include "procedures/procedure_list.h"
#include "procedures/staging.h"
#include "storage/history/root_summary.h"
#include "storage/history/table_diff.h"
#include "storage/table/row_writer.h"
#include "storage/table/table_reader.h"

namespace afterimage::procedures {

namespace {

constexpr std::array kOptions{OptionSpec{"all", 'a', false}, OptionSpec{"output-only", 'o', false}};

/// Warnings that one call leaves at most.
constexpr std::size_t kMaxWarnings = 64;

class Verifier {
  public:
    Verifier(ProcedureContext& context, const BranchWork& work)
        : context_(context),
          root_(work.database->name, work.state->working, context.store.services(*work.database),
                work.state->sequence + 1) {}

    void verify(const std::string& name, const storage::Root* since) {
        const auto table = root_.base()->find_table(name);
        const auto before = since != nullptr ? since->find_table(name) : nullptr;
        storage::TableDiff diff(before, table, context_.store.nodes(), &context_.store.blocks());
        while (diff.next()) {
            context_.session.stop.check();
            if (diff.after()) {
                verify_row(*table, *diff.after());
            }
        }
        for (std::size_t i = 0; i < table->schema().indexes.size(); ++i) {
            if (table->schema().indexes[i].unique) {
                verify_unique(table, i);
            }
        }
    }

    [[nodiscard]] std::int64_t violations() const noexcept { return violated_ ? 1 : 0; }

  private:
    void report(const std::string& message) {
        violated_ = true;
        if (warned_++ < kMaxWarnings) {
            context_.session.context.warn(1105, message);
        }
    }

    void verify_row(const storage::Table& table, storage::ByteView stored) {
        const storage::TableSchema& schema = table.schema();
        if (schema.keyless()) {
            stored = storage::KeylessEntry::decode(stored).row;
        }
        const storage::Row row = table.layout->rows.decode(stored, &context_.store.blocks());
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (row[i].is_null() && !schema.columns[i].nullable) {
                report("table " + schema.name + ": column " + schema.columns[i].name + " is NULL");
            }
        }
        if (context_.rules != nullptr && !schema.checks.empty()) {
            if (const auto check = context_.rules->violated_check(schema, row)) {
                report("table " + schema.name + ": check constraint " + *check + " is violated");
            }
        }
        if (schema.foreign_keys.empty()) {
            return;
        }
        storage::WriteOptions options;
        options.mode = storage::WriteMode::kVersionControl;
        storage::RowWriter writer(root_, context_.rules, options);
        const storage::WriteOutcome outcome =
            writer.check_references(*root_.find_table(schema.name), nullptr, &row);
        if (!outcome.ok()) {
            report("table " + schema.name + ": foreign key " + outcome.constraint +
                   " has no parent row");
        }
    }

    void verify_unique(const std::shared_ptr<const storage::Table>& table, std::size_t index) {
        const storage::TableReader reader(table, context_.store.nodes(), context_.store.blocks());
        const auto cursor = reader.scan_index(index, {});
        storage::Bytes last;
        bool has_last = false;
        while (cursor->next()) {
            context_.session.stop.check();
            const storage::Row row =
                reader.layout().rows.decode(cursor->row(), &context_.store.blocks());
            const auto entry = reader.layout().index_entry(index, row, cursor->key());
            const storage::ByteView parts(entry.key.data(), entry.parts_size);
            if (has_last && !entry.has_null && parts == last) {
                report("table " + table->schema().name + ": duplicate entry for key " +
                       table->schema().indexes[index].name);
            }
            has_last = !entry.has_null;
            last = storage::Bytes(parts);
        }
    }

    ProcedureContext& context_;
    storage::OpenRoot root_;
    bool violated_ = false;
    std::size_t warned_ = 0;
};

}  // namespace

sql::ResultTable call_verify_constraints(ProcedureContext& context) {
    const Arguments arguments("dolt_verify_constraints", context.args, kOptions);
    context.commit_transaction();
    const BranchWork work = current_branch(context);
    std::vector<std::string> names = arguments.positionals();
    if (names.empty()) {
        for (const auto& [name, table] : work.state->working->tables) {
            names.push_back(name);
        }
    }
    std::vector<std::string> unknown;
    for (const std::string& name : names) {
        if (!work.state->working->find_table(name)) {
            unknown.push_back(name);
        }
    }
    if (!unknown.empty()) {
        throw_unknown_tables(unknown);
    }
    Verifier verifier(context, work);
    for (const std::string& name : names) {
        verifier.verify(name, arguments.has("all") ? nullptr : work.state->head_root.get());
    }
    sql::ResultTable result;
    result.add_bigint("violations", false);
    result.rows.push_back({storage::Value::of_int(verifier.violations())});
    return result;
}

}  // namespace afterimage::procedures
