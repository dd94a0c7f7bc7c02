#include "vendors/eliza/messages/reply.h"

#include <algorithm>

#include "sandbox/space.h"
#include "vendors/eliza/eliza.h"
#include "vendors/eliza/refusals.h"
#include "vendors/eliza/rules.h"

namespace mock {

using namespace eliza_rules;

namespace {

// The server gives an agent so long in the transport http.
constexpr Time kMaxReply = 30000;

enum Stage { kWaits = 1, kStreams = 2 };

void append_event(std::string& body, std::string_view name, const Json& data) {
  body.append("event: ").append(name).append("\ndata: ").append(to_text(data)).append("\n\n");
}

// The reply's words, each with the space before it: the chunks of a stream.
std::vector<std::string> chunks_of(const std::string& reply) {
  std::vector<std::string> chunks;
  for (std::size_t at = 0; at < reply.size();) {
    const std::size_t end = std::min(reply.find(' ', at + 1), reply.size());
    chunks.push_back(reply.substr(at, end - at));
    at = end;
  }
  return chunks;
}

std::string answer_body(const Json& data, const Json* response) {
  Json body = {{"success", true}, {"userMessage", data["userMessage"]}};
  if (response != nullptr) body["agentResponse"] = *response;
  body["sessionStatus"] = data["sessionStatus"];
  return to_text(body);
}

Answer by_http(const Call& call) {
  const Json& data = call.progress.data;
  if (data["fails"]) {
    const Json body = {{"success", false},
                       {"error", "Failed to process message in HTTP transport"}};
    return eliza_json(500, to_text(body), kAgentFailed);
  }
  return eliza_json(201, answer_body(data, &data["response"]), kReplied);
}

// Only replies to the transport websocket are stored among the session's messages. [vendor]
void store_reply(Call& call, ElizaSession& session, const Agent& agent) {
  if (!agent.reply || !agent.error.empty()) return;
  ElizaMessage message{.id = call.random.uuid(),
                       .content = *agent.reply,
                       .author_id = session.agent_id,
                       .is_agent = true,
                       .created_at = call.now + agent.reply_after};
  call.space.sessions(*eliza()).add_bytes(session, bytes_of(message));
  session.messages.push_back(std::move(message));
}

Answer stream(std::string body, Piece piece) {
  return {.http_status = 200,
          .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}},
          .body = std::move(body),
          .rule = &kStreamed,
          .reason = "",
          .piece = piece};
}

// When the stream's chunk of that number is due: evenly up to the whole reply.
Time due_of(const Json& data, std::size_t index) {
  const Time after = data["reply_after"];
  const Time count = std::max<Time>(1, std::ssize(data["chunks"]));
  return data["begun"].get<Time>() +
         after * std::min<Time>(count, static_cast<Time>(index) + 1) / count;
}

// The chunks that are due, and the end once all are sent.
Answer go_on_streaming(Call& call) {
  Json& data = call.progress.data;
  const Json& chunks = data["chunks"];
  std::size_t index = data["sent"];
  std::string body;
  for (; index < chunks.size() && due_of(data, index) <= call.now; ++index) {
    append_event(body, "chunk",
                 {{"messageId", data["message_id"]}, {"chunk", chunks[index]}, {"index", index}});
  }
  data["sent"] = index;
  const bool ends = !data["response"].is_null() || data["fails"];
  if (ends && index == chunks.size() && due_of(data, index) <= call.now) {
    if (data["fails"]) {
      append_event(body, "error", {{"error", data["error"]}});
    } else {
      append_event(body, "done", data["response"]);
    }
    return stream(std::move(body), Piece::last);
  }
  // An agent without a reply leaves the stream open.
  if (body.empty()) call.progress.wait_until = ends ? due_of(data, index) : kLatest;
  return stream(std::move(body), Piece::next);
}

}  // namespace

Answer eliza_begin_reply(Call& call, ElizaSession& session, std::string_view transport) {
  const Agent& agent = call.space.agent;
  Json& data = call.progress.data;
  if (transport == "websocket") {
    store_reply(call, session, agent);
    return eliza_json(201, answer_body(data, nullptr), *call.route.rule);
  }
  data["begun"] = call.now;
  data["reply_after"] = agent.reply_after;
  data["error"] = agent.error;
  data["fails"] = !agent.error.empty();
  data["response"] = agent.reply ? Json{{"text", *agent.reply}} : Json(nullptr);
  if (transport == "http") {
    if (agent.reply_after > kMaxReply) {
      data["reply_after"] = kMaxReply;
      data["fails"] = true;
    }
    call.progress.stage = kWaits;
    return eliza_go_on_replying(call);
  }
  data["message_id"] = call.random.uuid();
  data["chunks"] =
      agent.reply && agent.error.empty() ? chunks_of(*agent.reply) : std::vector<std::string>();
  data["sent"] = 0;
  call.progress.stage = kStreams;
  std::string body;
  append_event(body, "user_message", data["userMessage"]);
  return stream(std::move(body), Piece::first);
}

Answer eliza_go_on_replying(Call& call) {
  if (call.progress.stage == kStreams) return go_on_streaming(call);
  const Json& data = call.progress.data;
  const bool ends = !data["response"].is_null() || data["fails"];
  const Time due = data["begun"].get<Time>() + (ends ? data["reply_after"].get<Time>() : 0);
  if (due > call.now) call.progress.wait_until = due;
  return by_http(call);
}

}  // namespace mock
