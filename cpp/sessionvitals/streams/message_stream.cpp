#include "sessionvitals/streams/message_stream.h"

#include <string>
#include <utility>

namespace sessionvitals {

namespace {

class MessageStream final : public EventStream<ElizaStreamEvent>::Source {
 public:
  using Next = EventStream<ElizaStreamEvent>::Next;

  MessageStream(Client client, ElizaStreamedMessage message,
                std::shared_ptr<const StreamState> state)
      : client_(std::move(client)), message_(std::move(message)), state_(std::move(state)) {}

  std::optional<Error> open() override {
    if (events_ || error_ || is_done_) return error_;
    auto opened =
        client_.open(eliza::kStreamMessage, message_, state_->options().call, state_->limits());
    if (opened) {
      events_.emplace(*std::move(opened));
    } else {
      error_ = std::move(opened).error();
    }
    return error_;
  }

  Next next() override {
    open();
    if (error_) return *error_;
    if (is_done_) return std::optional<ElizaStreamEvent>();
    auto event = events_->next();
    if (event && !*event) event = ended();
    if (!event) {
      error_ = with_what_came(std::move(event).error());
      events_.reset();
      return *error_;
    }
    if ((*event)->type == "chunk") {
      ++chunks_;
      bytes_ += (*event)->text->size();
    }
    is_done_ = (*event)->type == "done";
    if (is_done_) events_.reset();  // the server says no more
    return event;
  }

  bool is_over() const override { return error_ || is_done_; }

  void use(const Client&) override {}

 private:
  Error ended() const {
    return events_->source().with_report(
        Error(ErrorKind::transport_error, Phase::receive,
              "The server ended the stream before the agent's reply was done."));
  }

  // Only where the stream was lost: a ContractError and an agent's failure speak for themselves.
  Error with_what_came(Error error) const {
    const bool is_lost = error.kind() == ErrorKind::transport_error ||
                         error.kind() == ErrorKind::deadline_exceeded ||
                         error.kind() == ErrorKind::call_cancelled;
    if (!is_lost) return error;
    Error told(error.kind(), error.phase(),
               error.message() + " Of the reply " + std::to_string(chunks_) + " chunks of " +
                   std::to_string(bytes_) + " bytes had come.");
    told.set_call(error.call());
    told.set_may_have_taken_effect(error.may_have_taken_effect());
    return told;
  }

  const Client client_;
  const ElizaStreamedMessage message_;
  const std::shared_ptr<const StreamState> state_;
  std::optional<Events<std::remove_cv_t<decltype(eliza::kStreamMessage)>>> events_;
  std::optional<Error> error_;  // what it ended with
  bool is_done_ = false;
  std::size_t chunks_ = 0;
  std::size_t bytes_ = 0;  // of their text
};

}  // namespace

EventStream<ElizaStreamEvent> open_message_stream(const Client& client,
                                                  ElizaStreamedMessage message,
                                                  StreamOptions options) {
  auto state = std::make_shared<StreamState>(client, std::move(options));
  return {state, std::make_shared<MessageStream>(client, std::move(message), state)};
}

}  // namespace sessionvitals
