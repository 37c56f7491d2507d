#include "label/LabelFile.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "error.h"
#include "report/AtomicFile.h"

namespace nncc::label {

namespace {

// A CSV cell; in quotes where a reader would else take it apart or trim it.
std::string cell(const std::string &text) {
  bool plain = text.find_first_of(",\"\r\n\t") == text.npos && !text.starts_with(' ') && !text.ends_with(' ');
  if (plain) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

// Where the last row ends that is there with its line end.
size_t wholeRows(std::string_view text) {
  size_t end = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\n' && !quoted) end = i + 1;
  }
  return end;
}

const char *name(data::LabelForm form) {
  switch (form) {
    case data::LabelForm::Class:
      return "one class an image (file,label)";
    case data::LabelForm::Classes:
      return "several classes an image (file,labels), as by --multiple";
    case data::LabelForm::Boxes:
      return "boxes (file,label,x,y,width,height), as by --boxes";
  }
  return "";
}

}  // namespace

LabelFile::LabelFile(const std::filesystem::path &path, const ImageList &images, data::LabelForm form,
                     const std::vector<std::string> &classes)
    : path(path), images(images), form(form), known(images.size()) {
  try {
    open();
    bool ends = bytes > 0 && cutOffTail();
    if (bytes > 0) load(classes);
    if (!ends) replace(order, known);
  } catch (...) {
    if (file >= 0) ::close(file);
    throw;
  }
}

LabelFile::~LabelFile() { ::close(file); }

// Opens the file and takes the lock, which goes with this process. Of a file that is replaced while this waits
// the lock says nothing: only that of the file in place does.
void LabelFile::open() {
  for (;;) {
    file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
    if (file < 0) fail("can't open the label file", errno);
    if (::flock(file, LOCK_EX | LOCK_NB)) {
      if (errno != EWOULDBLOCK) fail("can't lock the label file", errno);
      throw UserError(path.string() +
                      ": another 'nncc data label' writes this file; end that one first, or give this "
                      "one another --out");
    }
    struct stat own, placed;
    if (::fstat(file, &own)) fail("can't read the label file", errno);
    if (!S_ISREG(own.st_mode)) throw UserError(path.string() + ": no regular file; expected a label file");
    bytes = own.st_size;
    if (::stat(path.c_str(), &placed) == 0 && placed.st_ino == own.st_ino && placed.st_dev == own.st_dev) return;
    ::close(std::exchange(file, -1));
  }
}

// The beginning of a row of one of the images, without its end?
bool LabelFile::isBegunRow(std::string_view tail) const {
  for (int64_t image = 0; image < images.size(); ++image) {
    std::string name = cell(images.name(image)) + ",";
    if (name.starts_with(tail)) return true;
    if (tail.starts_with(name)) return tail.find('\n', name.size()) == tail.npos;
  }
  return false;
}

// False: the file ends otherwise, and load() finds out whether it is one of ours.
bool LabelFile::cutOffTail() {
  std::string text(bytes, '\0');
  for (int64_t got = 0; got < bytes;) {
    ssize_t count = ::pread(file, text.data() + got, bytes - got, got);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail("can't read the label file", count < 0 ? errno : EIO);
    got += count;
  }
  int64_t whole = static_cast<int64_t>(wholeRows(text));
  if (whole == bytes) return true;
  if (whole == 0 || !isBegunRow(std::string_view(text).substr(whole))) return false;
  if (::ftruncate(file, whole) || ::fsync(file)) fail("can't write the label file", errno);
  bytes = whole;
  return cut = true;
}

void LabelFile::load(const std::vector<std::string> &classes) {
  data::ImageLabels labels = data::readImageLabels(path);
  if (labels.form != form)
    throw UserError(path.string() + ": holds " + name(labels.form) + ", but asked for are " + name(form) +
                    "; give another --out or the other option");
  std::string written;
  for (const std::string &column : labels.header) written += (written.empty() ? "" : ",") + cell(column);
  if (written + "\n" != header())
    throw UserError(path.string() + ":1: the header is " + written + "; expected " +
                    header().substr(0, header().size() - 1) + ", as other columns would be lost; give another --out");
  for (data::ImageLabel &row : labels.images) {
    std::string place = path.string() + ":" + std::to_string(row.line);
    std::optional<int64_t> image = images.find(row.file);
    if (!image)
      throw UserError(place + ": '" + row.file + "' is no image in " + images.folder().string() +
                      "; is this the label file of another folder? Then give another --out; else put the image back or "
                      "remove the row");
    for (const std::string &name : row.classes)
      if (std::ranges::find(classes, name) == classes.end())
        throw UserError(place + ": class '" + name + "' is not among --classes; add it there, or change the row");
    known[*image] = Answer{std::move(row.classes), std::move(row.boxes)};
    order.push_back(*image);
  }
}

std::string LabelFile::header() const {
  return form == data::LabelForm::Class     ? "file,label\n"
         : form == data::LabelForm::Classes ? "file,labels\n"
                                            : "file,label,x,y,width,height\n";
}

std::string LabelFile::rows(int64_t image, const Answer &answer) const {
  std::string file = cell(images.name(image)), text;
  if (form == data::LabelForm::Class) return file + "," + cell(answer.classes[0]) + "\n";
  if (form == data::LabelForm::Classes) {
    for (const std::string &name : answer.classes)
      text += (text.empty() ? "" : std::string(1, data::kClassSeparator)) + name;
    return file + "," + cell(text) + "\n";
  }
  for (size_t i = 0; i < answer.boxes.size(); ++i) {
    const data::ImageBox &box = answer.boxes[i];
    text += file + "," + cell(answer.classes[i]);
    for (double value : {box.x, box.y, box.width, box.height}) text += "," + data::coordinateText(value);
    text += "\n";
  }
  return text.empty() ? file + ",,,,,\n" : text;
}

void LabelFile::put(int64_t image, std::optional<Answer> answer) {
  // Whoever changed the file behind our back would lose that, or we ours.
  struct stat own, placed;
  if (::fstat(file, &own) || ::stat(path.c_str(), &placed) || own.st_ino != placed.st_ino ||
      own.st_dev != placed.st_dev || own.st_size != bytes)
    throw UserError(path.string() +
                    ": another program changed or removed the file while labels were written to it; end this "
                    "and start it again, it goes on with what the file holds then");
  bool isNew = answer && !known[image];
  if (isNew && answer->boxes.size() < 2) {
    append(rows(image, *answer));
    order.push_back(image);
  } else if (answer || known[image]) {
    std::vector<int64_t> changed = order;
    if (isNew) changed.push_back(image);
    if (!answer) std::erase(changed, image);
    std::optional<Answer> before = std::exchange(known[image], answer);
    try {
      replace(changed, known);
    } catch (...) {
      known[image] = std::move(before);
      throw;
    }
    order = std::move(changed);
  }
  known[image] = std::move(answer);
}

void LabelFile::append(const std::string &row) {
  auto undo = [&](int error) {
    // Shorter needs no room. Should even that fail, the next opening cuts the tail off.
    if (::ftruncate(file, bytes) == 0) ::fsync(file);
    fail("can't write the label", error);
  };
  for (size_t done = 0; done < row.size();) {
    ssize_t written = ::write(file, row.data() + done, row.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) undo(errno);
    done += written;
  }
  if (::fsync(file)) undo(errno);
  bytes += static_cast<int64_t>(row.size());
}

void LabelFile::replace(const std::vector<int64_t> &order, const std::vector<std::optional<Answer>> &answers) {
  std::string text = header();
  for (int64_t image : order) text += rows(image, *answers[image]);
  report::AtomicFile next(path);
  next.write(text);
  next.commit();
  int before = std::exchange(file, -1);
  try {
    open();
  } catch (...) {
    file = before;  // no longer in place: put() will say so
    throw;
  }
  ::close(before);
}

void LabelFile::fail(const char *what, int error) const {
  throw UserError(path.string() + ": " + what + ": " + std::generic_category().message(error) +
                  (error == ENOSPC || error == EDQUOT || error == EFBIG
                       ? "; make room, then go on: all labels before are there"
                       : ""));
}

}  // namespace nncc::label
