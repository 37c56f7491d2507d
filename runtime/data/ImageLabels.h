// What people said of the images of a folder: a CSV file that `nncc data label` writes and image_folder
// reads, with a header and one row for each image that has been seen:
//
//   file,label                    Class: one class an image
//   file,labels                   Classes: any number of them with ';' between; empty: none
//   file,label,x,y,width,height   Boxes: one row for each box; an image without a box has one row, empty behind its
//   name
//
// `file` is the path from the folder of images, with '/'. A box is in pixels of the image as it is stored: x
// and y are its left upper corner, from 0 at the image's own. Columns may stand in any order and others
// beside them.
#ifndef NNCC_DATA_IMAGELABELS_H
#define NNCC_DATA_IMAGELABELS_H

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nncc::data {

enum class LabelForm { Class, Classes, Boxes };

// Stands between several classes of an image.
inline constexpr char kClassSeparator = ';';

struct ImageBox {
  double x, y, width, height;  // pixels
  bool operator==(const ImageBox &) const = default;
};

struct ImageLabel {
  std::string file;
  std::vector<std::string> classes = {};  // with Boxes: of each box
  std::vector<ImageBox> boxes = {};
  int64_t line = 0;  // that its first row begins in
};

struct ImageLabels {
  LabelForm form = LabelForm::Class;
  std::vector<std::string> header = {};
  std::vector<ImageLabel> images = {};  // in the order of their first rows
};

// Throws UserError naming file and line for a header without these columns, an image that has two rows
// (but of Boxes), an absolute path or one that leaves the folder, and boxes that are none.
ImageLabels readImageLabels(const std::filesystem::path &path);

// Throws UserError, beginning with `place`, if a box reaches beyond an image of this size.
void requireInside(const ImageBox &box, int64_t width, int64_t height, const std::string &place);

// "12", "12.5": the shortest text that reads back as the same number.
std::string coordinateText(double value);

}  // namespace nncc::data

#endif  // NNCC_DATA_IMAGELABELS_H
