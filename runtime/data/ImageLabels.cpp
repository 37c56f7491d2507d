#include "data/ImageLabels.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "data/CsvColumns.h"
#include "data/CsvFile.h"
#include "data/ReaderTable.h"
#include "error.h"

namespace nncc::data {

namespace {

constexpr const char *boxColumns[] = {"x", "y", "width", "height"};

// The rows of one file on their way to labels.
class Rows {
 public:
  explicit Rows(const std::filesystem::path &path) : file(path, ',') {
    if (!file.next())
      throw UserError(file.name() + ": the file is empty; expected the header of a label file, such as file,label");
    for (size_t i = 0; i < file.size(); ++i) labels.header.emplace_back(file.cell(i));
    name = require("file");
    int64_t several = find("labels");
    label = several >= 0 ? several : require("label");
    int64_t found = std::ranges::count_if(boxColumns, [&](const char *column) { return find(column) >= 0; });
    if (found == 0) {
      labels.form = several >= 0 ? LabelForm::Classes : LabelForm::Class;
      return;
    }
    labels.form = LabelForm::Boxes;
    label = require("label");
    for (const char *column : boxColumns) box.push_back(require(column));
  }

  ImageLabels read() {
    while (file.next()) {
      if (file.size() != labels.header.size())
        refuse("the row has " + std::to_string(file.size()) + (file.size() == 1 ? " cell" : " cells") + ", expected " +
               std::to_string(labels.header.size()) + " as in the header");
      readRow();
    }
    return std::move(labels);
  }

 private:
  [[noreturn]] void refuse(const std::string &what) const { throw UserError(file.place() + ": " + what); }

  int64_t find(std::string_view column) const {
    auto found = std::ranges::find(labels.header, column);
    return found == labels.header.end() ? -1 : found - labels.header.begin();
  }
  int64_t require(std::string_view column) const {
    int64_t found = find(column);
    if (found >= 0) return found;
    std::string known;
    for (const std::string &each : labels.header) known += (known.empty() ? "" : ", ") + each;
    refuse("no column '" + std::string(column) + "'; there are: " + known +
           "; a label file has file,label or file,labels or file,label,x,y,width,height");
  }

  ImageLabel &image() {
    std::string path(file.cell(name));
    if (path.empty()) refuse("column 'file' is empty; expected the path of an image");
    std::filesystem::path parts(path);
    if (parts.is_absolute() || std::ranges::find(parts, "..") != parts.end())
      refuse(inQuotes(path) + " may lead out of the folder; expected a path from it, without '..'");
    auto [known, isNew] = places.try_emplace(path, labels.images.size());
    if (isNew) labels.images.push_back({std::move(path), {}, {}, file.line()});
    ImageLabel &image = labels.images[known->second];
    bool again = !isNew && (labels.form != LabelForm::Boxes || image.boxes.empty() || file.cell(label).empty());
    if (again)
      refuse(inQuotes(image.file) + " has a row in line " + std::to_string(image.line) + " already; remove one");
    return image;
  }

  void readRow() {
    ImageLabel &at = image();
    std::string_view text = file.cell(label);
    if (labels.form == LabelForm::Boxes) {
      if (readsBox(at)) at.classes.emplace_back(text);
    } else if (labels.form == LabelForm::Classes) {
      readClasses(at, text);
    } else if (text.empty()) {
      refuse("column 'label' is empty; expected the class of " + inQuotes(at.file));
    } else {
      at.classes.emplace_back(text);
    }
  }

  void readClasses(ImageLabel &at, std::string_view text) {
    while (!text.empty()) {
      size_t length = std::min(text.find(kClassSeparator), text.size());
      std::string part(text.substr(0, length));
      if (part.empty()) refuse("column 'labels' has an empty class; expected classes with ';' between");
      if (std::ranges::find(at.classes, part) != at.classes.end())
        refuse("column 'labels' has " + inQuotes(part) + " twice; leave one out");
      at.classes.push_back(std::move(part));
      text.remove_prefix(std::min(length + 1, text.size()));
    }
  }

  // False: the row says that there is no box.
  bool readsBox(ImageLabel &at) {
    bool none = file.cell(label).empty();
    double values[4];
    for (size_t i = 0; i < box.size(); ++i) {
      std::string_view cell = file.cell(box[i]);
      if (none && cell.empty()) continue;
      if (none) refuse("a box without a class; expected one in column 'label'");
      if (!parseNumber(cell, values[i]))
        refuse("column '" + std::string(boxColumns[i]) + "': " + inQuotes(cell) + " is no number; expected pixels");
    }
    if (none) return false;
    if (values[0] < 0 || values[1] < 0 || values[2] <= 0 || values[3] <= 0)
      refuse("no box in an image: x and y are at least 0, width and height more");
    at.boxes.push_back({values[0], values[1], values[2], values[3]});
    return true;
  }

  CsvFile file;
  ImageLabels labels;
  int64_t name = 0, label = 0;  // columns
  std::vector<int64_t> box;
  std::map<std::string, size_t> places;  // of files in `labels.images`
};

}  // namespace

ImageLabels readImageLabels(const std::filesystem::path &path) { return Rows(path).read(); }

void requireInside(const ImageBox &box, int64_t width, int64_t height, const std::string &place) {
  if (box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0 && box.x + box.width <= static_cast<double>(width) &&
      box.y + box.height <= static_cast<double>(height))
    return;
  throw UserError(place + ": the box of " + coordinateText(box.width) + " x " + coordinateText(box.height) +
                  " pixels at " + coordinateText(box.x) + ", " + coordinateText(box.y) +
                  " reaches beyond its image of " + std::to_string(width) + " x " + std::to_string(height) +
                  " (width x height)");
}

std::string coordinateText(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

}  // namespace nncc::data
