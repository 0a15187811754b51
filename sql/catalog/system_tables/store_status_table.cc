// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/system_tables/store_status_table.h"

#include "sql/catalog/result_table.h"
#include "sql/catalog/system_tables/system_table.h"
#include "storage/tree/node_cache.h"

namespace afterimage::sql {

using storage::Row;

namespace {

std::vector<Row> status_rows(Catalog& catalog, const ResolvedDatabase& /*database*/,
                             const ScanRequest& /*request*/) {
    storage::Store& store = catalog.store();
    std::vector<Row> rows;
    const auto add = [&](std::string_view name, std::uint64_t value) {
        rows.push_back({text_value(name), uint_value(value)});
    };
    const storage::RootOfCounters past = store.past().counters();
    add("change_sets_read", past.change_sets_read);
    add("commits", store.history().commit_count());
    add("keyframes", store.history().keyframe_count());
    if (const auto* cache = dynamic_cast<const storage::NodeCache*>(&store.nodes())) {
        const storage::NodeCache::Counters nodes = cache->counters();
        add("node_cache_bytes", nodes.size_bytes);
        add("node_cache_hits", nodes.hits);
        add("node_cache_nodes", nodes.node_count);
        add("nodes_opened", nodes.opened_nodes);
    }
    add("past_roots_computed", past.roots_computed);
    add("transactions", store.history().transaction_count());
    return rows;
}

}  // namespace

void register_store_status_table(VirtualTableRegistry& registry) {
    add_list_table(registry,
                   SchemaBuilder("afterimage_status")
                       .varchar("name", 64)
                       .unsigned_bigint("value")
                       .key({"name"}),
                   status_rows);
}

}  // namespace afterimage::sql
