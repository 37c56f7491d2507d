//===- SourceFile.cpp - a model file's text, or why there is none ----------===//
#include "frontend/SourceFile.h"
#include "frontend/Text.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using llvm::StringRef;

namespace nncc::frontend {

static constexpr size_t largestFile = 1 << 20;

static Mark markAt(StringRef text, size_t offset) {
  StringRef before = text.take_front(offset);
  size_t lineStart = before.rfind('\n');
  return {static_cast<unsigned>(before.count('\n')) + 1,
          static_cast<unsigned>(offset - (lineStart == StringRef::npos ? 0 : lineStart + 1)) + 1};
}

// Offset of the first control character that isn't white space.
static size_t findControl(StringRef text) {
  return text.find_if([](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
  });
}

static size_t findIndentingTab(StringRef text) {
  bool indenting = true;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n')
      indenting = true;
    else if (indenting && text[i] == '\t') {
      // White space alone, or before a comment, indents nothing.
      size_t next = text.find_first_not_of(" \t\r", i);
      if (next != StringRef::npos && text[next] != '\n' && text[next] != '#') return i;
      indenting = false;
    } else if (text[i] != ' ')
      indenting = false;
  }
  return StringRef::npos;
}

bool checkSource(StringRef text, std::vector<Problem> &problems) {
  auto refuse = [&](size_t offset, std::string message) {
    problems.push_back({markAt(text, offset), std::move(message), std::nullopt, ""});
    return false;
  };
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return refuse(0, "the file is UTF-16; save it as UTF-8");
  if (size_t offset = findControl(text); offset != StringRef::npos)
    return refuse(offset, "not a text file: found the byte " +
                              std::to_string(static_cast<unsigned char>(text[offset])) +
                              "; expected a model in YAML");
  size_t invalid = 0;
  if (!llvm::json::isUTF8(text, &invalid))
    return refuse(invalid, "this byte is not UTF-8; save the file as UTF-8");
  for (size_t offset = 0; (offset = text.find('\r', offset)) != StringRef::npos; ++offset)
    if (!text.substr(offset).starts_with("\r\n"))
      return refuse(offset, "a carriage return within a line; end lines with LF or CR LF");
  if (size_t offset = findIndentingTab(text); offset != StringRef::npos)
    return refuse(offset, "a tab in the indentation; YAML is indented with spaces");
  return true;
}

static std::string tooLarge(const std::string &size) {
  return "the file has " + size + " bytes; expected a model in YAML of at most 1 MB (" +
         std::to_string(largestFile) + " bytes)";
}

std::optional<std::string> readSource(StringRef path, std::vector<Problem> &problems) {
  auto refuse = [&](std::string message) {
    problems.push_back({{}, std::move(message), std::nullopt, ""});
    return std::nullopt;
  };
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status))
    return refuse("can't read the file: " + error.message());
  if (status.type() == llvm::sys::fs::file_type::directory_file)
    return refuse("this is a folder; expected a model file in YAML");
  if (status.type() == llvm::sys::fs::file_type::regular_file && status.getSize() > largestFile)
    return refuse(tooLarge(std::to_string(status.getSize())));

  // Pipes have no size: read until one byte too many.
  int file = open(path.str().c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refuse("can't read the file: " + std::string(std::strerror(errno)));
  std::string text(largestFile + 1, '\0');
  size_t length = 0;
  ssize_t count = 1;
  while (length < text.size() && count != 0) {
    count = read(file, text.data() + length, text.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      std::string why = std::strerror(errno);
      close(file);
      return refuse("can't read the file: " + why);
    }
    length += count;
  }
  close(file);
  if (length > largestFile) return refuse(tooLarge("more than " + std::to_string(largestFile)));
  text.resize(length);

  if (!checkSource(text, problems)) return std::nullopt;
  if (StringRef(text).trim().empty())
    return refuse("the file is empty; expected a model: model, input, layers, train, data");
  return text;
}

} // namespace nncc::frontend
