// SPDX-License-Identifier: Apache-2.0
// What a client sends, before and after its login: the conversation must answer or close.
//
// The first byte of the input chooses: bit 0 = logged in already, bit 1 = the rest is raw socket
// bytes; else it is packets, each behind its 16-bit length.
#include <cstddef>
#include <cstdint>

#include "tests/wire/conversation_fixture.h"

namespace {

using afterimage::server::Conversation;
using afterimage::server::ConversationFixture;
using afterimage::storage::ByteView;

void send_packets(ConversationFixture& fixture, ByteView input) {
    while (input.size() >= 2 && fixture.progress != Conversation::Progress::kClosed) {
        const std::size_t length = afterimage::storage::load_le<std::uint16_t>(input.data());
        input.remove_prefix(2);
        const bool first = fixture.conversation->logged_in();
        fixture.send(input.substr(0, length), first ? 0 : 1);
        input.remove_prefix(std::min(length, input.size()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    ConversationFixture fixture;
    if ((data[0] & 1U) != 0) {
        fixture.login();
    }
    const ByteView input(reinterpret_cast<const char*>(data) + 1, size - 1);
    if ((data[0] & 2U) != 0) {
        fixture.conversation->receive(input);
        fixture.drain();
    } else {
        send_packets(fixture, input);
    }
    return 0;
}
