// SPDX-License-Identifier: Apache-2.0
// A conversation with the fake engine, and the client's half of the protocol, for tests: no socket,
// no threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/auth/caching_sha2.h"
#include "server/auth/digest.h"
#include "server/auth/memory_accounts.h"
#include "server/auth/native_password.h"
#include "server/connection_registry.h"
#include "server/conversation.h"
#include "server/logger.h"
#include "server/protocol/capabilities.h"
#include "server/protocol/packet_reader.h"
#include "server/protocol/packet_writer.h"
#include "storage/os/clock.h"
#include "storage/os/random.h"
#include "tests/wire/fake_executor.h"

namespace afterimage::server {

/// Time that stands still unless told otherwise.
class StillClock final : public storage::Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const noexcept override { return 1'000'000 + at_us; }
    [[nodiscard]] std::uint64_t monotonic_us() const noexcept override {
        return static_cast<std::uint64_t>(at_us);
    }
    std::int64_t at_us = 1;
};

/// What a client sends during LOAD DATA LOCAL, prepared beforehand.
class ScriptedChannel final : public BlockingChannel {
  public:
    [[nodiscard]] bool send(storage::ByteView raw) override {
        sent.append(raw);
        return true;
    }
    [[nodiscard]] bool receive(storage::Bytes& raw) override {
        if (pieces.empty()) {
            return false;
        }
        raw = pieces.front();
        pieces.erase(pieces.begin());
        return true;
    }
    storage::Bytes sent;
    std::vector<storage::Bytes> pieces;
};

constexpr std::uint32_t kTestCapabilities =
    kClientProtocol41 | kClientSecureConnection | kClientPluginAuth | kClientPluginAuthLenenc |
    kClientMultiStatements | kClientMultiResults | kClientDeprecateEof | kClientLocalFiles;

struct ConversationFixture {
    StillClock clock;
    storage::SeededRandom random{99};
    sql::GlobalVariables globals;
    MemoryAccounts accounts;
    CachingSha2Cache cache;
    FakeExecutor executor;
    Logger log{LogLevel::kError, LogFormat::kText, "/dev/null"};
    ConnectionRegistry registry{clock};
    ScriptedChannel channel;
    ServerContext context;
    std::shared_ptr<ConnectionEntry> entry;
    std::unique_ptr<Conversation> conversation;
    PacketReader reader{1U << 27U};
    Conversation::Progress progress = Conversation::Progress::kWantsInput;
    std::string nonce;

    ConversationFixture() {
        sql::Account root;
        root.user = "root";
        root.host = "%";
        root.plugin = kNativePassword;
        root.authentication_string = native_password_hash("secret");
        root.privileges.global = sql::kPrivilegeAll;
        accounts.put(root);
        root.user = "limited";
        root.privileges = {};
        accounts.put(root);
        context.executor = &executor;
        context.globals = &globals;
        context.registry = &registry;
        context.auth = {&accounts, &cache, nullptr, &random};
        context.clock = &clock;
        context.random = &random;
        context.log = &log;
        open();
    }

    void open() {
        conversation.reset();
        reader = PacketReader(1U << 27U);
        entry = registry.try_add(1000);
        conversation = std::make_unique<Conversation>(
            context, entry, Peer{"10.0.0.9", "10.0.0.9:999", false}, channel);
        conversation->greet();
        const std::vector<storage::Bytes> greeting = drain();
        const std::size_t start = greeting.at(0).find('\0') + 1 + 4;
        nonce = greeting[0].substr(start, 8) + greeting[0].substr(start + 27, 12);
    }

    /// Everything the server has to say.
    std::vector<storage::Bytes> drain() {
        std::vector<storage::Bytes> packets;
        do {
            if (conversation->has_work()) {
                progress = conversation->run();
            }
            reader.feed(conversation->take_output());
            while (auto packet = reader.next(std::nullopt)) {
                packets.push_back(std::move(packet->payload));
            }
        } while (conversation->has_work() && progress != Conversation::Progress::kClosed);
        return packets;
    }

    std::vector<storage::Bytes> send(storage::ByteView payload, std::uint8_t sequence = 0) {
        PacketWriter writer;
        writer.set_sequence(sequence);
        writer.write(payload);
        conversation->receive(writer.take());
        return drain();
    }
    std::vector<storage::Bytes> command(CommandCode code, storage::ByteView body = {}) {
        return send(storage::Bytes(1, static_cast<char>(code)).append(body));
    }
    std::vector<storage::Bytes> query(storage::ByteView text) {
        return command(CommandCode::kQuery, text);
    }

    [[nodiscard]] std::string native_answer(std::string_view with_nonce) const {
        const std::string stage1 = sha1({"secret"});
        return xored(stage1, sha1({with_nonce, sha1({stage1})}));
    }
    [[nodiscard]] storage::Bytes login_packet(std::uint32_t capabilities,
                                              std::string_view user) const {
        storage::Bytes packet;
        storage::append_le(packet, capabilities);
        storage::append_le(packet, std::uint32_t{1U << 24U});
        packet.push_back('\xff');
        packet.append(23, '\0').append(user).push_back('\0');
        packet.push_back(20);
        packet.append(native_answer(nonce));
        packet.append(kNativePassword).push_back('\0');
        return packet;
    }
    std::vector<storage::Bytes> login(std::uint32_t capabilities = kTestCapabilities,
                                      std::string_view user = "root") {
        return send(login_packet(capabilities, user), 1);
    }
};

[[nodiscard]] inline std::uint16_t error_code(const storage::Bytes& packet) {
    return packet.size() < 3 || packet[0] != '\xff'
               ? std::uint16_t{0}
               : storage::load_le<std::uint16_t>(packet.data() + 1);
}

}  // namespace afterimage::server
