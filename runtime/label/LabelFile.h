// The label file (data/ImageLabels.h) of a folder while people write it. There is one row for each labelled
// image at any moment, so that the file is a plain CSV for others at any moment too.
//
// A label that is one row of a new image is appended and synced. Whatever else changes replaces the file
// whole (report/AtomicFile.h). A kill or a full disk leaves the file as it was before the change or after
// it; what a power cut leaves of an appended row is cut off at the next opening.
#ifndef NNCC_LABEL_LABELFILE_H
#define NNCC_LABEL_LABELFILE_H

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/ImageLabels.h"
#include "label/ImageList.h"

namespace nncc::label {

// What was said of one image; nothing: not labelled.
struct Answer {
  std::vector<std::string> classes = {};  // in the order of --classes; with boxes: of each box
  std::vector<data::ImageBox> boxes = {};
};

class LabelFile {
 public:
  // Makes the file if it isn't there. Throws UserError if another program has it open for labels, if it is
  // of another form, of other images or classes, or can't be written.
  LabelFile(const std::filesystem::path &path, const ImageList &images, data::LabelForm form,
            const std::vector<std::string> &classes);
  ~LabelFile();
  LabelFile(const LabelFile &) = delete;
  LabelFile &operator=(const LabelFile &) = delete;

  // By image.
  const std::vector<std::optional<Answer>> &answers() const { return known; }
  int64_t labelled() const { return static_cast<int64_t>(order.size()); }
  // Did the file end within a row?
  bool wasCut() const { return cut; }

  // When it returns, the answer is on the disk. Throws UserError if it can't be written: then everything
  // is as it was. The answer's classes are among those of the constructor.
  void put(int64_t image, std::optional<Answer> answer);

 private:
  void open();
  bool isBegunRow(std::string_view tail) const;
  bool cutOffTail();
  void load(const std::vector<std::string> &classes);
  std::string header() const;
  std::string rows(int64_t image, const Answer &answer) const;
  void append(const std::string &row);
  void replace(const std::vector<int64_t> &order, const std::vector<std::optional<Answer>> &answers);
  [[noreturn]] void fail(const char *what, int error) const;

  std::filesystem::path path;
  const ImageList &images;
  data::LabelForm form;
  int file = -1;
  int64_t bytes = 0;  // of the file
  bool cut = false;
  std::vector<std::optional<Answer>> known;
  std::vector<int64_t> order;  // images in the order of their rows
};

}  // namespace nncc::label

#endif  // NNCC_LABEL_LABELFILE_H
