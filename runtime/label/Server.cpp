#include "label/Server.h"

#include <httplib.h>
#include <sys/random.h>

#include <stdexcept>

#include "error.h"
#include "label/Page.h"
#include "label/Pictures.h"

namespace nncc::label {

namespace {

constexpr const char *loopback = "127.0.0.1";
// A browser holds up to six connections a window, each of which keeps a thread.
constexpr size_t threads = 32;
constexpr size_t mostRequestBytes = 1 << 20;

// 128 random bits.
std::string newToken() {
  unsigned char bytes[16];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) throw UserError("can't get random numbers from the system");
  std::string token;
  for (unsigned char byte : bytes) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

// Takes the same time wherever they differ.
bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

void say(httplib::Response &response, int status, const std::string &sentence) {
  response.status = status;
  response.set_content(sentence, "text/plain; charset=utf-8");
}

}  // namespace

struct Server::Implementation {
  Implementation(Session &session, int wanted) : session(session), token(newToken()) {
    // The library's own would let another process take the same port.
    server.set_socket_options([](socket_t socket) {
      int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server.set_tcp_nodelay(true);
    server.set_keep_alive_max_count(1 << 20);
    server.set_payload_max_length(mostRequestBytes);
    server.new_task_queue = [] { return new httplib::ThreadPool(threads); };
    server.set_pre_routing_handler([this](const httplib::Request &request, httplib::Response &response) {
      return admit(request, response) ? httplib::Server::HandlerResponse::Unhandled
                                      : httplib::Server::HandlerResponse::Handled;
    });
    server.set_exception_handler([](const httplib::Request &, httplib::Response &response, std::exception_ptr thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::invalid_argument &error) {
        say(response, 400, error.what());
      } catch (const std::bad_alloc &) {
        say(response, 500, "not enough memory; close other programs");
      } catch (const std::exception &error) {
        say(response, 500, error.what());
      }
    });
    addPages();
    addCalls();
    if (wanted)
      port = server.bind_to_port(loopback, wanted) ? wanted : -1;
    else
      port = server.bind_to_any_port(loopback);
    if (port < 0)
      throw UserError(std::string(loopback) + ":" + std::to_string(wanted) +
                      " can't be served: another program has this port; give another --port, or none for a free one");
    host = std::string(loopback) + ":" + std::to_string(port);
  }

  // Refuses what no page of ours asks for.
  bool admit(const httplib::Request &request, httplib::Response &response) const {
    response.set_header("Content-Security-Policy",
                        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    response.set_header("X-Content-Type-Options", "nosniff");
    response.set_header("X-Frame-Options", "DENY");
    response.set_header("Referrer-Policy", "no-referrer");
    response.set_header("Cross-Origin-Resource-Policy", "same-origin");
    response.set_header("Cross-Origin-Opener-Policy", "same-origin");
    response.set_header("Cache-Control", "no-store");
    std::string named = request.get_header_value("Host"), site = request.get_header_value("Sec-Fetch-Site");
    bool hostIsOurs = named == host || named == "localhost:" + std::to_string(port);
    bool originIsOurs = !request.has_header("Origin") || request.get_header_value("Origin") == "http://" + named;
    bool siteIsOurs = site.empty() || site == "same-origin" || site == "none";
    bool method = request.method == "GET" || request.method == "HEAD" || request.method == "POST";
    if (!hostIsOurs || !originIsOurs || !siteIsOurs || !method) {
      say(response, 403, "this server answers its own page only");
      return false;
    }
    std::string_view path = request.path;
    size_t end = path.find('/', 1);
    if (end == path.npos || !same(path.substr(1, end - 1), token)) {
      say(response, 404, "nothing is here; take the address that 'nncc data label' printed");
      return false;
    }
    return true;
  }

  void addPages() {
    for (const PageFile &file : pageFiles) {
      std::string name(file.name == "index.html" ? "" : file.name);
      const char *type = file.name.ends_with(".html")  ? "text/html; charset=utf-8"
                         : file.name.ends_with(".css") ? "text/css; charset=utf-8"
                         : file.name.ends_with(".svg") ? "image/svg+xml"
                                                       : "text/javascript; charset=utf-8";
      // The dot of a name stands for itself.
      if (size_t dot = name.find('.'); dot != name.npos) name.insert(dot, "\\");
      server.Get("/" + token + "/" + name, [&file, type](const httplib::Request &, httplib::Response &response) {
        response.set_content(file.content.data(), file.content.size(), type);
      });
    }
  }

  void addCalls() {
    auto picture = [this](const char *name, Picture (*make)(const ImageList &, int64_t)) {
      server.Get("/" + token + "/" + name + "/(\\d{1,9})",
                 [this, make](const httplib::Request &request, httplib::Response &response) {
                   int64_t image = std::stoll(request.matches[1]);
                   if (image >= session.pictures().size()) return say(response, 404, "there is no such image");
                   try {
                     Picture made = make(session.pictures(), image);
                     response.set_content(std::move(made.bytes), made.type);
                     // Under this path, which is used once, it is always this image.
                     response.headers.erase("Cache-Control");
                     response.set_header("Cache-Control", "private, max-age=86400, immutable");
                   } catch (const UserError &error) {
                     say(response, 422, error.what());
                   }
                 });
    };
    picture("image", wholePicture);
    picture("thumbnail", thumbnail);
    server.Get("/" + token + "/state", [this](const httplib::Request &, httplib::Response &response) {
      response.set_content(session.state(), "application/json");
    });
    server.Get("/" + token + "/suggestions/(\\d{1,9})",
               [this](const httplib::Request &request, httplib::Response &response) {
                 response.set_content(session.suggestionsFrom(std::stoull(request.matches[1])), "application/json");
               });
    server.Post("/" + token + "/label", [this](const httplib::Request &request, httplib::Response &response) {
      if (request.get_header_value("Content-Type") != "application/json")
        return say(response, 400, "expected application/json");
      try {
        response.set_content(session.put(request.body), "application/json");
      } catch (const UserError &error) {
        say(response, 507, error.what());
      }
    });
  }

  Session &session;
  std::string token;
  int port = -1;
  std::string host;
  httplib::Server server;
};

Server::Server(Session &session, int port)
    : implementation(std::make_unique<Implementation>(session, port)),
      url("http://" + implementation->host + "/" + implementation->token + "/") {}

Server::~Server() = default;

void Server::run() { implementation->server.listen_after_bind(); }

}  // namespace nncc::label
