// Parts of a page.
#ifndef NNCC_PREPARE_HTML_H
#define NNCC_PREPARE_HTML_H

#include <string>

#include "report/Picture.h"

namespace nncc::prepare {

// A text that is shown as it is, whatever is in it: between tags, or in quotes of an attribute. Bytes that are no
// UTF-8 become U+FFFD, control characters blanks.
std::string escaped(const std::string &text);

// An <img> with the picture inside. `title`: shown when pointed at.
std::string inlineImage(const report::Picture &picture, const std::string &title);

}  // namespace nncc::prepare

#endif  // NNCC_PREPARE_HTML_H
