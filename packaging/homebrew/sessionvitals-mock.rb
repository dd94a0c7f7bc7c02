# The mock's program alone, for Homebrew on Linux. From a clone:
#     brew install --HEAD ./packaging/homebrew/sessionvitals-mock.rb
# A stable version needs a release: its url and sha256 go here then.
class SessionvitalsMock < Formula
  desc "Local server that plays three session-status APIs"
  license "MIT"
  head "file://#{File.expand_path("../..", __dir__)}", using: :git

  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "nlohmann-json" => :build
  depends_on :linux
  depends_on "openssl@3"

  def install
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja", *std_cmake_args
    system "cmake", "--build", "build", "--target", "sessionvitals-mock"
    system "cmake", "--install", "build", "--component", "mock"
  end

  test do
    assert_match "sessionvitals-mock ", shell_output("#{bin}/sessionvitals-mock --version")
  end
end
