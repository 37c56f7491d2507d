// Serves a labelling to the browsers of this machine: 127.0.0.1 only, under a path that nobody can guess.
// Requests of another origin, for another host (a name that was made to lead here) or without the path get
// nothing. Images are asked for by number, so that no request can name a file.
//
//   /TOKEN/               the page, and the files of page/ by their names
//   /TOKEN/state          Session::state()
//   /TOKEN/image/N        the image; /TOKEN/thumbnail/N
//   /TOKEN/suggestions/N  Session::suggestionsFrom(N)
//   /TOKEN/label          POST, application/json: Session::put()
//
// An error is a status and a sentence: 400 for what no page of ours says, 404, 422 for an image that can't
// be shown, 507 for a label that can't be written.
#ifndef NNCC_LABEL_SERVER_H
#define NNCC_LABEL_SERVER_H

#include <memory>
#include <string>

#include "label/Session.h"

namespace nncc::label {

class Server {
 public:
  // Takes the port, any free one if it is 0. Throws UserError if it is taken.
  Server(Session &session, int port);
  ~Server();

  const std::string &address() const { return url; }  // of the page
  // Serves as long as the program runs.
  void run();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
  std::string url;
};

}  // namespace nncc::label

#endif  // NNCC_LABEL_SERVER_H
