// SPDX-License-Identifier: Apache-2.0
// apply_json_diffs: partial updates on the text of a document.
//
// The text is cut into a tree whose scalars stay as they are written, the operations change the
// tree, and it is printed again. Object members keep MySQL's order: by length of the key, then by
// bytes.
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "replication/json_binary.h"

namespace afterimage::replication {
namespace {

using storage::TruncatedInput;

constexpr unsigned kMaxDepth = 100;

struct Node {
    enum class Kind : std::uint8_t { kScalar, kArray, kObject };
    Kind kind = Kind::kScalar;
    std::string scalar;                // as written
    std::vector<Node> elements;        // of an array; of an object the values
    std::vector<std::string> keys;     // of an object, unescaped
    std::vector<std::string> written;  // of an object, the keys as written, quotes included
};

[[noreturn]] void fail(const std::string& reason) { throw TruncatedInput("JSON: " + reason); }

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0U | code >> 6U);
        put(0x80U | (code & 0x3fU));
    } else if (code < 0x10000) {
        put(0xe0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3fU));
        put(0x80U | (code & 0x3fU));
    } else {
        put(0xf0U | code >> 18U);
        put(0x80U | (code >> 12U & 0x3fU));
        put(0x80U | (code >> 6U & 0x3fU));
        put(0x80U | (code & 0x3fU));
    }
}

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    Node document() {
        Node node = value(1);
        space();
        if (at_ != text_.size()) {
            fail("text behind the document");
        }
        return node;
    }
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void advance() { ++at_; }
    void space() {
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            ++at_;
        }
    }

    // A quoted string with its quotes; `*plain` gets it unescaped.
    std::string quoted(std::string* plain) {
        const std::size_t begin = at_;
        if (peek() != '"') {
            fail("a string was expected");
        }
        ++at_;
        while (peek() != '"') {
            if (at_ >= text_.size()) {
                fail("string without an end");
            }
            if (text_[at_] == '\\') {
                escape(plain);
            } else {
                if (plain != nullptr) {
                    plain->push_back(text_[at_]);
                }
                ++at_;
            }
        }
        ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    std::string_view word(std::string_view end_characters) {
        const std::size_t begin = at_;
        at_ = std::min(text_.size(), text_.find_first_of(end_characters, at_));
        return text_.substr(begin, at_ - begin);
    }

  private:
    std::uint32_t hex4() {
        if (text_.size() - at_ < 4) {
            fail("escape without four digits");
        }
        std::uint32_t code = 0;
        const auto result = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
        if (result.ptr != text_.data() + at_ + 4) {
            fail("escape without four digits");
        }
        at_ += 4;
        return code;
    }

    void escape(std::string* plain) {
        at_ += 2;
        if (at_ > text_.size()) {
            fail("string without an end");
        }
        const char c = text_[at_ - 1];
        std::string unescaped;
        switch (c) {
            case 'b':
                unescaped = "\b";
                break;
            case 'f':
                unescaped = "\f";
                break;
            case 'n':
                unescaped = "\n";
                break;
            case 'r':
                unescaped = "\r";
                break;
            case 't':
                unescaped = "\t";
                break;
            case 'u': {
                std::uint32_t code = hex4();
                if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
                    at_ += 2;
                    code = 0x10000 + ((code - 0xd800) << 10U) + (hex4() - 0xdc00);
                }
                append_utf8(unescaped, code);
                break;
            }
            default:
                unescaped = c;
        }
        if (plain != nullptr) {
            plain->append(unescaped);
        }
    }

    Node value(unsigned depth) {
        if (depth > kMaxDepth) {
            fail("deeper than 100 levels");
        }
        space();
        Node node;
        const char c = peek();
        if (c == '{' || c == '[') {
            node.kind = c == '{' ? Node::Kind::kObject : Node::Kind::kArray;
            members(node, c == '{' ? '}' : ']', depth);
        } else if (c == '"') {
            node.scalar = quoted(nullptr);
        } else {
            node.scalar = std::string(word(" \t\r\n,]}"));
            if (node.scalar.empty()) {
                fail("a value was expected");
            }
        }
        return node;
    }

    void members(Node& node, char close, unsigned depth) {
        ++at_;
        space();
        if (peek() == close) {
            ++at_;
            return;
        }
        for (;;) {
            space();
            if (node.kind == Node::Kind::kObject) {
                std::string plain;
                node.written.push_back(quoted(&plain));
                node.keys.push_back(std::move(plain));
                space();
                if (peek() != ':') {
                    fail("':' was expected");
                }
                ++at_;
            }
            node.elements.push_back(value(depth + 1));
            space();
            const char next = peek();
            ++at_;
            if (next == close) {
                return;
            }
            if (next != ',') {
                fail("',' was expected");
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void print(std::string& out, const Node& node) {
    if (node.kind == Node::Kind::kScalar) {
        out.append(node.scalar);
        return;
    }
    const bool object = node.kind == Node::Kind::kObject;
    out.push_back(object ? '{' : '[');
    for (std::size_t i = 0; i < node.elements.size(); ++i) {
        out.append(i == 0 ? "" : ", ");
        if (object) {
            out.append(node.written[i]).append(": ");
        }
        print(out, node.elements[i]);
    }
    out.push_back(object ? '}' : ']');
}

struct Step {
    bool member = false;
    std::string key;      // of a member
    std::string written;  // the key as a JSON string
    std::size_t index = 0;
};

// "$", then ".key", ".\"quoted key\"" or "[n]".
std::vector<Step> parse_path(std::string_view text) {
    std::vector<Step> steps;
    Scanner scanner(text);
    if (scanner.peek() != '$') {
        fail("path without $");
    }
    scanner.advance();
    for (scanner.space(); !scanner.at_end(); scanner.space()) {
        Step step;
        if (scanner.peek() == '.') {
            scanner.advance();
            scanner.space();
            step.member = true;
            if (scanner.peek() == '"') {
                step.written = scanner.quoted(&step.key);
            } else {
                step.key = std::string(scanner.word(" .["));
                step.written = "\"" + step.key + "\"";
            }
        } else if (scanner.peek() == '[') {
            scanner.advance();
            const std::string_view digits = scanner.word("]");
            const auto result =
                std::from_chars(digits.data(), digits.data() + digits.size(), step.index);
            if (result.ptr != digits.data() + digits.size() || digits.empty()) {
                fail("malformed path " + std::string(text));
            }
            scanner.advance();
        } else {
            fail("malformed path " + std::string(text));
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

// Where the step leads, or where it would stand: position and whether it is there.
std::pair<std::size_t, bool> locate(const Node& node, const Step& step) {
    if (step.member) {
        if (node.kind != Node::Kind::kObject) {
            fail("path leads into a value that is no object");
        }
        const auto at = std::lower_bound(
            node.keys.begin(), node.keys.end(), step.key,
            [](const std::string& left, const std::string& right) {
                return left.size() != right.size() ? left.size() < right.size() : left < right;
            });
        return {static_cast<std::size_t>(at - node.keys.begin()),
                at != node.keys.end() && *at == step.key};
    }
    if (node.kind != Node::Kind::kArray) {
        fail("path leads into a value that is no array");
    }
    return {step.index, step.index < node.elements.size()};
}

void apply(Node& root, const JsonDiff& diff) {
    const std::vector<Step> steps = parse_path(diff.path);
    if (steps.empty()) {
        if (diff.operation != JsonDiff::Operation::kReplace) {
            fail("the whole document can only be replaced");
        }
        root = Scanner(diff.value_text).document();
        return;
    }
    Node* node = &root;
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
        const auto [at, there] = locate(*node, steps[i]);
        if (!there) {
            fail("no such path " + diff.path);
        }
        node = &node->elements[at];
    }
    const Step& last = steps.back();
    const auto [at, there] = locate(*node, last);
    const auto offset = static_cast<std::ptrdiff_t>(at);
    if (diff.operation == JsonDiff::Operation::kInsert) {
        if ((last.member && there) || (!last.member && at > node->elements.size())) {
            fail("cannot insert at " + diff.path);
        }
        if (last.member) {
            node->keys.insert(node->keys.begin() + offset, last.key);
            node->written.insert(node->written.begin() + offset, last.written);
        }
        node->elements.insert(node->elements.begin() + offset, Scanner(diff.value_text).document());
        return;
    }
    if (!there) {
        fail("no such path " + diff.path);
    }
    if (diff.operation == JsonDiff::Operation::kReplace) {
        node->elements[at] = Scanner(diff.value_text).document();
        return;
    }
    node->elements.erase(node->elements.begin() + offset);
    if (last.member) {
        node->keys.erase(node->keys.begin() + offset);
        node->written.erase(node->written.begin() + offset);
    }
}

}  // namespace

std::string apply_json_diffs(std::string_view document, const std::vector<JsonDiff>& diffs) {
    Node root = Scanner(document).document();
    for (const auto& diff : diffs) {
        apply(root, diff);
    }
    std::string out;
    print(out, root);
    return out;
}

}  // namespace afterimage::replication
