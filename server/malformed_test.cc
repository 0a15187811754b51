// SPDX-License-Identifier: Apache-2.0
// Whatever bytes come, a conversation answers or closes: it never crashes, hangs or grows.
#include <doctest/doctest.h>

#include <array>

#include "tests/wire/conversation_fixture.h"

namespace afterimage::server {
namespace {

using storage::Bytes;

constexpr std::uint64_t kSeed = 20240611;

/// Well-formed bodies from which the loop makes bad ones.
const std::array<Bytes, 12> kBodies = {
    Bytes("\3SELECT 1, 'a'"),
    Bytes("\3DO 1; DO 2; SELECT ROWS(3, 3)"),
    Bytes("\x16SELECT ?, ?"),
    Bytes("\x17\1\0\0\0\0\1\0\0\0\0\1\xfe\0\x08\0\3abc\1\2\3\4\5\6\7\x08", 29),
    Bytes("\x17\1\0\0\0\1\1\0\0\0\0\1\x0c\0\x0b\0\7\xda\7\1\1\1\1\1\x08\0\1\0\0\0\1\1\1", 34),
    Bytes("\x18\1\0\0\0\0\0data", 11),
    Bytes("\x1c\1\0\0\0\3\0\0\0", 9),
    Bytes("\x19\1\0\0\0", 5),
    Bytes("\x04t\0%", 4),
    Bytes("\x11root\0\0\0\xff\0mysql_native_password\0", 32),
    Bytes("\x1b\0\0", 3),
    Bytes("\x0c\1\0\0\0", 5),
};

void mutate(Bytes& body, storage::SeededRandom& random) {
    const std::uint64_t edits = random.below(4);
    for (std::uint64_t i = 0; i < edits && !body.empty(); ++i) {
        const std::size_t at = random.below(body.size());
        switch (random.below(4)) {
            case 0:
                body[at] = static_cast<char>(random.u64());
                break;
            case 1:
                body.resize(at);
                break;
            case 2:
                body.insert(at, random.below(9), '\xff');
                break;
            default:
                body.insert(at, body, 0, random.below(body.size() + 1));
                break;
        }
    }
}

TEST_CASE_FIXTURE(ConversationFixture, "malformed commands: an answer or an end, always") {
    storage::SeededRandom fuzz(kSeed);
    MESSAGE("seed " << kSeed);
    login();
    std::size_t reopened = 0;
    for (int round = 0; round < 20000; ++round) {
        Bytes body = kBodies[fuzz.below(kBodies.size())];
        mutate(body, fuzz);
        const auto answers = send(body);
        // The session's reset and a change of user that waits for its answer end the login state.
        if (progress == Conversation::Progress::kClosed || !conversation->logged_in()) {
            registry.remove(entry->id());
            open();
            login();
            ++reopened;
        }
        REQUIRE(answers.size() < 5000);
    }
    CHECK(reopened > 0);
    CHECK(registry.count() == 1);
}

TEST_CASE_FIXTURE(ConversationFixture, "malformed logins: refused, never accepted") {
    storage::SeededRandom fuzz(kSeed + 1);
    for (int round = 0; round < 5000; ++round) {
        Bytes packet = login_packet(kTestCapabilities | kClientConnectAttrs | kClientZstd, "root");
        packet[36 + fuzz.below(20)] ^= static_cast<char>(1 + fuzz.below(255));
        mutate(packet, fuzz);
        send(packet, 1);
        CHECK_FALSE(conversation->logged_in());
        registry.remove(entry->id());
        open();
    }
}

TEST_CASE_FIXTURE(ConversationFixture, "raw noise: any split of any bytes") {
    storage::SeededRandom fuzz(kSeed + 2);
    for (int round = 0; round < 2000; ++round) {
        Bytes noise(fuzz.below(300), '\0');
        fuzz.fill(std::span<char>(noise));
        // Plausible lengths, so that more than the first header is reached.
        for (std::size_t at = 0; at + 4 < noise.size(); at += 20) {
            noise[at + 1] = noise[at + 2] = '\0';
        }
        for (std::size_t at = 0; at < noise.size(); at += 7) {
            conversation->receive(storage::ByteView(noise).substr(at, 7));
            drain();
        }
        CHECK_FALSE(conversation->logged_in());
        registry.remove(entry->id());
        open();
    }
}

}  // namespace
}  // namespace afterimage::server
