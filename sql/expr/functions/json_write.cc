// SPDX-License-Identifier: Apache-2.0
// JSON functions that make documents: JSON_OBJECT, JSON_ARRAY, JSON_SET, JSON_REMOVE, JSON_MERGE_*.
#include <algorithm>
#include <string>

#include "sql/expr/bind_rules.h"
#include "sql/expr/charset.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/functions/json_args.h"
#include "sql/expr/text_of_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

void json_array(RowCall& call) {
    JsonValue result;
    result.kind = JsonKind::kArray;
    for (std::size_t i = 0; i < call.arg_count(); ++i) {
        result.items.push_back(json_value_of(call, i));
    }
    set_json(call, result);
}

void json_object(RowCall& call) {
    JsonValue result;
    result.kind = JsonKind::kObject;
    for (std::size_t i = 0; i + 1 < call.arg_count(); i += 2) {
        if (call.is_null(i)) {
            throw_sql_error(ErrorCode::ER_JSON_DOCUMENT_NULL_KEY);
        }
        JsonValue key = json_value_of(call, i);
        std::string name = key.kind == JsonKind::kString ? key.text : json_text(key);
        result.set_member(std::move(name), json_value_of(call, i + 1));
    }
    set_json(call, result);
}

void json_object_bind(BindCall& call) {
    if (call.args.size() % 2 != 0) {
        throw_sql_error(ErrorCode::ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, call.def.name);
    }
    call.type = json_type();
}

void json_quote(RowCall& call) {
    std::string out;
    append_json_string(out, call.text(0));
    call.set_text(out);
}

void utf8_text(BindCall& call) {
    call.type = text_type(kUtf8mb4Bin, ~std::uint32_t{0});
    call.type.coercibility = Coercibility::kImplicit;
}

enum class Edit : std::uint8_t { kSet, kInsert, kReplace };

/// Puts a value at the place that the last leg names under `parent`.
void put_at(JsonValue& parent, const JsonLeg& leg, JsonValue value, Edit edit) {
    if (leg.kind == JsonLeg::Kind::kMember) {
        if (parent.kind != JsonKind::kObject) {
            return;
        }
        const bool exists = parent.find_member(leg.key) != nullptr;
        if (exists ? edit != Edit::kInsert : edit != Edit::kReplace) {
            parent.set_member(leg.key, std::move(value));
        }
        return;
    }
    std::size_t index = 0;
    const bool array = parent.kind == JsonKind::kArray;
    const std::size_t size = array ? parent.items.size() : 1;
    const bool inside = resolve_cell(leg, size, index);
    if (inside && index < size) {
        if (edit != Edit::kInsert) {
            (array ? parent.items[index] : parent) = std::move(value);
        }
        return;
    }
    if (edit == Edit::kReplace) {
        return;
    }
    // Behind the end it is appended; a scalar becomes an array first.
    if (!array) {
        JsonValue wrapped;
        wrapped.kind = JsonKind::kArray;
        wrapped.items.push_back(std::move(parent));
        parent = std::move(wrapped);
    }
    parent.items.insert(inside ? parent.items.end() : parent.items.begin(), std::move(value));
}

template <Edit E>
void json_edit(RowCall& call) {
    if (call.is_null(0)) {
        call.set_null();
        return;
    }
    JsonValue document = json_document_of(call, 0);
    for (std::size_t i = 1; i + 1 < call.arg_count(); i += 2) {
        if (call.is_null(i)) {
            call.set_null();
            return;
        }
        const JsonPath path = plain_json_path_of(call, i);
        JsonValue value = json_value_of(call, i + 1);
        if (path.legs.empty()) {
            if (E != Edit::kInsert) {
                document = std::move(value);
            }
            continue;
        }
        for (JsonValue* parent : find_json(document, path, path.legs.size() - 1)) {
            put_at(*parent, path.legs.back(), value, E);
        }
    }
    if (json_depth(document) > kMaxJsonDepth) {
        throw_sql_error(ErrorCode::ER_JSON_DOCUMENT_TOO_DEEP);
    }
    set_json(call, document);
}

void json_edit_bind(BindCall& call) {
    if (call.args.size() % 2 == 0) {
        throw_sql_error(ErrorCode::ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, call.def.name);
    }
    call.type = json_type();
}

void json_remove(RowCall& call) {
    JsonValue document = json_document_of(call, 0);
    for (std::size_t i = 1; i < call.arg_count(); ++i) {
        const JsonPath path = plain_json_path_of(call, i);
        if (path.legs.empty()) {
            throw SqlError(3153, "42000",
                           "The path expression '$' is not allowed in this context.");
        }
        const JsonLeg& leg = path.legs.back();
        for (JsonValue* parent : find_json(document, path, path.legs.size() - 1)) {
            std::size_t index = 0;
            if (leg.kind == JsonLeg::Kind::kMember) {
                std::erase_if(parent->members,
                              [&](const auto& member) { return member.first == leg.key; });
            } else if (parent->kind == JsonKind::kArray &&
                       resolve_cell(leg, parent->items.size(), index) &&
                       index < parent->items.size()) {
                parent->items.erase(parent->items.begin() + static_cast<std::ptrdiff_t>(index));
            }
        }
    }
    set_json(call, document);
}

void json_array_append(RowCall& call) {
    if (call.is_null(0)) {
        call.set_null();
        return;
    }
    JsonValue document = json_document_of(call, 0);
    for (std::size_t i = 1; i + 1 < call.arg_count(); i += 2) {
        if (call.is_null(i)) {
            call.set_null();
            return;
        }
        const JsonValue value = json_value_of(call, i + 1);
        for (JsonValue* target : find_json(document, plain_json_path_of(call, i))) {
            if (target->kind != JsonKind::kArray) {
                JsonValue wrapped;
                wrapped.kind = JsonKind::kArray;
                wrapped.items.push_back(std::move(*target));
                *target = std::move(wrapped);
            }
            target->items.push_back(value);
        }
    }
    set_json(call, document);
}

void json_array_insert(RowCall& call) {
    if (call.is_null(0)) {
        call.set_null();
        return;
    }
    JsonValue document = json_document_of(call, 0);
    for (std::size_t i = 1; i + 1 < call.arg_count(); i += 2) {
        if (call.is_null(i)) {
            call.set_null();
            return;
        }
        const JsonPath path = plain_json_path_of(call, i);
        if (path.legs.empty() || path.legs.back().kind != JsonLeg::Kind::kCell) {
            throw_sql_error(ErrorCode::ER_INVALID_JSON_PATH_ARRAY_CELL);
        }
        const JsonValue value = json_value_of(call, i + 1);
        for (JsonValue* parent : find_json(document, path, path.legs.size() - 1)) {
            if (parent->kind != JsonKind::kArray) {
                continue;
            }
            std::size_t index = 0;
            if (!resolve_cell(path.legs.back(), parent->items.size(), index)) {
                index = 0;
            }
            index = std::min(index, parent->items.size());
            parent->items.insert(parent->items.begin() + static_cast<std::ptrdiff_t>(index), value);
        }
    }
    set_json(call, document);
}

/// RFC 7396: null in the patch removes.
void merge_patch(JsonValue& target, const JsonValue& patch) {
    if (patch.kind != JsonKind::kObject) {
        target = patch;
        return;
    }
    if (target.kind != JsonKind::kObject) {
        target = JsonValue{};
        target.kind = JsonKind::kObject;
    }
    for (const auto& [key, value] : patch.members) {
        if (value.kind == JsonKind::kNull) {
            std::erase_if(target.members, [&, name = std::string_view(key)](const auto& member) {
                return member.first == name;
            });
            continue;
        }
        JsonValue* own = target.find_member(key);
        if (own == nullptr) {
            target.set_member(key, JsonValue{});
            own = target.find_member(key);
        }
        merge_patch(*own, value);
    }
}

/// Arrays are joined, objects merged, scalars wrapped.
void merge_preserve(JsonValue& target, const JsonValue& other) {
    if (target.kind == JsonKind::kObject && other.kind == JsonKind::kObject) {
        for (const auto& [key, value] : other.members) {
            JsonValue* own = target.find_member(key);
            if (own == nullptr) {
                target.set_member(key, value);
            } else {
                merge_preserve(*own, value);
            }
        }
        return;
    }
    if (target.kind != JsonKind::kArray) {
        JsonValue wrapped;
        wrapped.kind = JsonKind::kArray;
        wrapped.items.push_back(std::move(target));
        target = std::move(wrapped);
    }
    if (other.kind == JsonKind::kArray) {
        target.items.insert(target.items.end(), other.items.begin(), other.items.end());
    } else {
        target.items.push_back(other);
    }
}

template <void (*Merge)(JsonValue&, const JsonValue&)>
void json_merge(RowCall& call) {
    JsonValue result = json_document_of(call, 0);
    for (std::size_t i = 1; i < call.arg_count(); ++i) {
        Merge(result, json_document_of(call, i));
    }
    if (json_depth(result) > kMaxJsonDepth) {
        throw_sql_error(ErrorCode::ER_JSON_DOCUMENT_TOO_DEEP);
    }
    set_json(call, result);
}

constexpr std::uint8_t kAny = FunctionDef::kAnyCount;

constexpr FunctionDef edit_row(std::string_view name, RowKernel kernel) {
    return {.name = name,
            .min_args = 3,
            .max_args = kAny,
            .classes = "ja",
            .bind = json_edit_bind,
            .nulls = NullRule::kOwn,
            .row = kernel};
}

constexpr FunctionDef strict_row(std::string_view name, std::uint8_t min, RowKernel kernel) {
    return {.name = name,
            .min_args = min,
            .max_args = kAny,
            .classes = "j",
            .bind = rules::json,
            .row = kernel};
}

const FunctionDef kTable[] = {
    {.name = "json_array",
     .max_args = kAny,
     .classes = "a",
     .bind = rules::json,
     .nulls = NullRule::kOwn,
     .row = json_array},
    {.name = "json_object",
     .max_args = kAny,
     .classes = "a",
     .bind = json_object_bind,
     .nulls = NullRule::kOwn,
     .row = json_object},
    {.name = "json_quote",
     .min_args = 1,
     .max_args = 1,
     .classes = "j",
     .bind = utf8_text,
     .row = json_quote},
    edit_row("json_set", json_edit<Edit::kSet>),
    edit_row("json_insert", json_edit<Edit::kInsert>),
    edit_row("json_replace", json_edit<Edit::kReplace>),
    edit_row("json_array_append", json_array_append),
    edit_row("json_array_insert", json_array_insert),
    strict_row("json_remove", 2, json_remove),
    strict_row("json_merge_patch", 2, json_merge<merge_patch>),
    strict_row("json_merge_preserve", 2, json_merge<merge_preserve>),
    strict_row("json_merge", 2, json_merge<merge_preserve>),
};

}  // namespace

FunctionTable json_write_functions() { return kTable; }

}  // namespace afterimage::sql
