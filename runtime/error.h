// The one exception that means "the user can mend this": its text is a full sentence that
// says what, where, what was expected and a hint. The mains print it after "error: " and
// exit with status 1.
#ifndef NNCC_ERROR_H
#define NNCC_ERROR_H

#include <stdexcept>

namespace nncc {

class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace nncc

#endif  // NNCC_ERROR_H
