// One labelling: what the page shows and says, as JSON. From any thread.
//
// state():        {"folder", "file": the label file, "form": "class"|"classes"|"boxes", "classes": [NAME],
//                  "images": [NAME], "answers": {NUMBER OF THE IMAGE: ANSWER}, "suggests": is there a program}
// ANSWER:         {"classes": [NUMBER], "boxes": [[x, y, width, height]] where there are boxes}
// put():          {"image": NUMBER, "answer": ANSWER or null}, and gives {"labelled": how many there are}
// suggestions():  {"guesses": [{"image", "classes": [[NUMBER, PROBABILITY]], "box": [4 shares] or null,
//                  "uncertainty"}], "done": will there be no more}
#ifndef NNCC_LABEL_SESSION_H
#define NNCC_LABEL_SESSION_H

#include <mutex>
#include <string>
#include <vector>

#include "label/ImageList.h"
#include "label/LabelFile.h"
#include "label/Suggestions.h"

namespace nncc::label {

class Session {
 public:
  // All of them outlive it; `suggestions` may be null.
  Session(const ImageList &images, LabelFile &file, std::string fileName, data::LabelForm form,
          std::vector<std::string> classes, const Suggestions *suggestions);

  const ImageList &pictures() const { return images; }
  std::string state() const;
  // Throws std::invalid_argument if that is no answer, UserError if it can't be written.
  std::string put(const std::string &request);
  std::string suggestionsFrom(size_t first) const;

 private:
  const ImageList &images;
  LabelFile &file;
  std::string fileName;
  data::LabelForm form;
  std::vector<std::string> classes;
  const Suggestions *suggestions;
  mutable std::mutex mutex;
};

}  // namespace nncc::label

#endif  // NNCC_LABEL_SESSION_H
