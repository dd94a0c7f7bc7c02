#include "sessionvitals/providers/tiun.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "clients/client_class.h"
#include "clients/question_arguments.h"
#include "sessionvitals/client/tiun_client.h"
#include "values/value_class.h"

namespace sessionvitals::python {

template <>
struct ValueName<ProblemDetails> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ProblemDetails");
};
template <>
struct ValueName<TiunVerdict> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.TiunVerdict");
};

template <>
struct ValueName<TiunUser> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.TiunUser");
};
template <>
struct ValueName<TiunUserVerification> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.TiunUserVerification");
};

template <>
struct Arguments<TiunUserToken>
    : MemberArguments<TiunUserToken, Required<"token", &TiunUserToken::token>> {};
template <>
struct Arguments<TiunUserId>
    : MemberArguments<TiunUserId, Required<"user_id", &TiunUserId::user_id>> {};

namespace {

/// How Python's arguments become a credential.
struct TiunKey {
  static Credential make(const GivenText& access_token, const GivenText& header_name) {
    return {.key = read_text("access_token", access_token),
            .style = read_text("header_name", header_name)};
  }
  static auto names() {
    return std::make_tuple(py::arg("access_token"),
                           py::arg("header_name") = std::string(kTiunAccessTokenHeader));
  }
};

void bind_tiun_values(py::module_& module) {
  ValueClass<ProblemDetails>(module, "ProblemDetails", "A problem as RFC 9457 has it.")
      .field<&ProblemDetails::type>("type", "about:blank if the body names none.")
      .field<&ProblemDetails::title>("title")
      .field<&ProblemDetails::detail>("detail", "For people; never to be parsed.")
      .field<&ProblemDetails::instance>("instance")
      .field<&ProblemDetails::http_status>("http_status", "As the body has it.")
      .extra_field<&ProblemDetails::extra>("Members beyond the standard's.")
      .finish();

  ValueClass<TiunVerdict>(module, "TiunVerdict", "tiun's answer about a session: serve, or do not.")
      .truth<&TiunVerdict::valid>()
      .field<&TiunVerdict::session_id>("session_id")
      .required()
      .field<&TiunVerdict::valid>("valid", "True only on exactly 200.")
      .required()
      .field<&TiunVerdict::problem>("problem", "What a 404 said, if it said it.")
      .field<&TiunVerdict::hint>("hint", "What to check if the verdict surprises.")
      .call_field<&TiunVerdict::call>()
      .finish();

  ValueClass<TiunUser>(module, "TiunUser", "What tiun says of a user.")
      .field<&TiunUser::user_id>("user_id")
      .required()
      .field<&TiunUser::email>("email")
      .json_field<&TiunUser::product_access>(
          "product_access",
          "What the user has bought, as JSON has it. The vendor documents an array.")
      .extra_field<&TiunUser::extra>("Members that the contract does not name.")
      .call_field<&TiunUser::call>()
      .finish();

  ValueClass<TiunUserVerification>(
      module, "TiunUserVerification",
      "tiun's answer about a user's token: true only if the user is authenticated.")
      .truth<&TiunUserVerification::is_authenticated>()
      .field<&TiunUserVerification::is_authenticated>("is_authenticated")
      .required()
      .field<&TiunUserVerification::user>("user", "Who it is, if tiun says so.")
      .extra_field<&TiunUserVerification::extra>("Members that the contract does not name.")
      .call_field<&TiunUserVerification::call>()
      .finish();
}

}  // namespace

void bind_tiun(py::module_& module) {
  bind_tiun_values(module);

  ClientClass<TiunClient, TiunKey> client(module, providers::tiun, "TiunClient", "Asks tiun.");
  client.operation<tiun::kVerify>("Return whether the session's content may be served.")
      .operation<tiun::kVerifyUser>("Return whether a user's token is good, and whose it is.")
      .operation<tiun::kGetUserInfo>("Return what tiun knows of a user. No authentication.");
  client.python_class().def(
      py::init([](const GivenOptionalText& access_token, const GivenOptionalText& base_url,
                  const GivenFlag& sandbox, const GivenText& header_name, const Options& options) {
        ClientSettings settings = to_client_settings(options);
        return checked(TiunClient({.access_token = read_optional_text("access_token", access_token),
                                   .header_name = read_text("header_name", header_name),
                                   .base_url = read_optional_text("base_url", base_url),
                                   .sandbox = read_flag("sandbox", sandbox),
                                   .transport = std::move(settings.transport),
                                   .call = std::move(settings.call)}));
      }),
      py::arg("access_token"), py::kw_only(), py::arg("base_url"), py::arg("sandbox"),
      py::arg("header_name"));
}

}  // namespace sessionvitals::python
