// SPDX-License-Identifier: Apache-2.0
// ROUTINES, PARAMETERS.
#include <string>

#include "sql/catalog/identifier.h"
#include "sql/catalog/information_schema/column_facts.h"
#include "sql/catalog/information_schema/information_schema.h"
#include "sql/catalog/information_schema/program_facts.h"
#include "sql/session/system_variables.h"

namespace afterimage::sql {

namespace {

using storage::SchemaObject;
using storage::SchemaObjectKind;

constexpr ColumnSpec kRoutines[] = {
    text_column("SPECIFIC_NAME"),
    name_column("ROUTINE_CATALOG"),
    name_column("ROUTINE_SCHEMA"),
    text_column("ROUTINE_NAME"),
    text_column("ROUTINE_TYPE", 9),
    long_text_column("DATA_TYPE").optional(),
    bigint_column("CHARACTER_MAXIMUM_LENGTH").optional(),
    bigint_column("CHARACTER_OCTET_LENGTH").optional(),
    unsigned_int_column("NUMERIC_PRECISION").optional(),
    unsigned_int_column("NUMERIC_SCALE").optional(),
    unsigned_int_column("DATETIME_PRECISION").optional(),
    text_column("CHARACTER_SET_NAME").optional(),
    text_column("COLLATION_NAME").optional(),
    long_text_column("DTD_IDENTIFIER").optional(),
    text_column("ROUTINE_BODY", 3),
    long_text_column("ROUTINE_DEFINITION").optional(),
    text_column("EXTERNAL_NAME", 1).optional(),
    text_column("EXTERNAL_LANGUAGE"),
    text_column("PARAMETER_STYLE", 3),
    text_column("IS_DETERMINISTIC", 3),
    text_column("SQL_DATA_ACCESS", 17),
    text_column("SQL_PATH", 1).optional(),
    text_column("SECURITY_TYPE", 7),
    datetime_column("CREATED"),
    datetime_column("LAST_ALTERED"),
    text_column("SQL_MODE", 1024),
    long_text_column("ROUTINE_COMMENT"),
    text_column("DEFINER", 288),
    text_column("CHARACTER_SET_CLIENT"),
    text_column("COLLATION_CONNECTION"),
    text_column("DATABASE_COLLATION"),
};

constexpr ColumnSpec kParameters[] = {
    name_column("SPECIFIC_CATALOG"),
    name_column("SPECIFIC_SCHEMA"),
    text_column("SPECIFIC_NAME"),
    unsigned_column("ORDINAL_POSITION"),
    text_column("PARAMETER_MODE", 5).optional(),
    text_column("PARAMETER_NAME").optional(),
    long_text_column("DATA_TYPE").optional(),
    bigint_column("CHARACTER_MAXIMUM_LENGTH").optional(),
    bigint_column("CHARACTER_OCTET_LENGTH").optional(),
    unsigned_int_column("NUMERIC_PRECISION").optional(),
    bigint_column("NUMERIC_SCALE").optional(),
    unsigned_int_column("DATETIME_PRECISION").optional(),
    text_column("CHARACTER_SET_NAME").optional(),
    text_column("COLLATION_NAME").optional(),
    long_text_column("DTD_IDENTIFIER"),
    text_column("ROUTINE_TYPE", 9),
};

void add_routine(Fill& fill, const ResolvedDatabase& database, const SchemaObject& object) {
    const StoredProgram program(object, database.mariadb_flavour());
    const ast::CreateRoutineStatement* routine = program.routine();
    const bool is_function = object.kind == SchemaObjectKind::kFunction;
    const ast::DataType* returns = routine ? routine->returns : nullptr;
    const ast::RoutineCharacteristics rest =
        routine ? routine->characteristics : ast::RoutineCharacteristics();
    RowBuilder row = fill.row();
    row.text(object.name).text("def").text(database.name).text(object.name);
    row.text(is_function ? "FUNCTION" : "PROCEDURE");
    row.text(returns ? shown_type_name(*returns) : std::string()).null(7);
    if (returns) {
        row.text(shown_type(*returns));
    } else {
        row.null();
    }
    row.text("SQL");
    row.text(routine ? routine->body : std::string_view(object.create_sql)).null().text("SQL");
    row.text("SQL").yes_no(rest.deterministic == ast::Toggle::kOn);
    row.text(data_access_name(rest.data_access)).null();
    row.text(rest.security == ast::SecurityContext::kInvoker ? "INVOKER" : "DEFINER").null(2);
    row.text(sql_mode_text(object.sql_mode)).text(rest.comment).text(object.definer);
    row.text(charset_name(object.client_collation));
    row.text(collation_name(object.connection_collation));
    row.text(collation_name(object.database_collation)).add();
}

void fill_routines(Fill& fill) {
    for (const SchemaObjectKind kind :
         {SchemaObjectKind::kProcedure, SchemaObjectKind::kFunction}) {
        for_each_object(fill, 2, kind,
                        [&](const ResolvedDatabase& database, const SchemaObject& object) {
                            if (fill.allows(3, object.name)) {
                                add_routine(fill, database, object);
                            }
                        });
    }
}

void add_parameter(Fill& fill, const ResolvedDatabase& database, const SchemaObject& object,
                   std::size_t position, std::string_view mode, std::string_view name,
                   const ast::DataType* type) {
    RowBuilder row = fill.row();
    row.text("def").text(database.name).text(object.name).number(position);
    row.text_or_null(mode).text_or_null(name);
    row.text(type ? shown_type_name(*type) : std::string()).null(7);
    row.text(type ? shown_type(*type) : std::string());
    row.text(object.kind == SchemaObjectKind::kFunction ? "FUNCTION" : "PROCEDURE").add();
}

void fill_parameters(Fill& fill) {
    const auto visit = [&](const ResolvedDatabase& database, const SchemaObject& object) {
        if (!fill.allows(2, object.name)) {
            return;
        }
        const StoredProgram program(object, database.mariadb_flavour());
        const ast::CreateRoutineStatement* routine = program.routine();
        if (!routine) {
            return;
        }
        if (routine->returns != nullptr) {
            add_parameter(fill, database, object, 0, {}, {}, routine->returns);
        }
        for (std::size_t i = 0; i < routine->parameters.size(); ++i) {
            const ast::RoutineParameter& parameter = routine->parameters[i];
            add_parameter(fill, database, object, i + 1, parameter_mode_name(parameter.mode),
                          parameter.name, parameter.type);
        }
    };
    for_each_object(fill, 1, SchemaObjectKind::kProcedure, visit);
    for_each_object(fill, 1, SchemaObjectKind::kFunction, visit);
}

}  // namespace

void register_routines(VirtualTableRegistry& registry) {
    add_filled_table(registry, "information_schema", "ROUTINES", kRoutines, fill_routines, {2, 3});
    add_filled_table(registry, "information_schema", "PARAMETERS", kParameters, fill_parameters,
                     {1, 2});
}

}  // namespace afterimage::sql
