// SPDX-License-Identifier: Apache-2.0
// The query of a view as a source shows it: `*` written out, every column with its table and every
// item with its name, RIGHT JOIN turned round, USING and NATURAL as ON. A view that was followed
// and the same view copied from SHOW CREATE VIEW become one text.
//
// Tables of the view's own database have no database before them, so that a dump of `shop/<commit>`
// loads under any name. Names that are not found (virtual tables, a table that is still to come)
// stay as they were written. Pure; what is given outlives the call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/parse/ast/stored_program.h"

namespace afterimage::sql {

struct ViewSourceColumn {
    std::string name;
    bool hidden = false;  ///< not in *
};

struct ViewTextContext {
    std::string_view database;  ///< the view's
    bool mariadb = false;
    std::string_view charset;  ///< of the connection
    /// Columns of a table or view; none where there is none of the name.
    std::function<std::optional<std::vector<ViewSourceColumn>>(std::string_view database,
                                                               std::string_view name)>
        columns_of;
};

struct ViewQueryText {
    std::string text;           ///< "select `t`.`id` AS `id` from `t`"
    bool has_own_names = true;  ///< false: the statement's column list has to stand before it
};
/// MariaDB puts the statement's column list into the items' names, MySQL keeps it.
[[nodiscard]] ViewQueryText view_query_text(const ast::CreateViewStatement& view,
                                            const ViewTextContext& context);

/// The names of the columns of a view, from the text that this made; empty where it does not say.
[[nodiscard]] std::vector<ViewSourceColumn> view_column_names(const ast::CreateViewStatement& view);

}  // namespace afterimage::sql
