// Numbers as people and files want them; no locale has a say in it.
#ifndef NNCC_REPORT_TEXT_H
#define NNCC_REPORT_TEXT_H

#include <cstdint>
#include <string>

namespace nncc::report {

// A named number: a loss, a metric.
struct Value {
  std::string name;
  double value;
};

// Shortest text that reads back as the same double; JSON's null for NaN and infinities.
std::string jsonNumber(double value);
// The shortest text that reads back as this float, as a JSON number.
std::string jsonNumber(float value);
// The text with U+FFFD for each byte that is not UTF-8.
std::string utf8(const std::string &text);
// A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string jsonString(const std::string &text);

std::string fixed(double value, int decimals);  // "0.6142", "nan", "inf"
std::string count(int64_t value);               // "79,626"
std::string byteSize(int64_t bytes);            // "318.5 KB", "7.2 MB": powers of 1000
std::string duration(double seconds);           // "8.3 s", "2:05", "1:02:05"
std::string percent(double fraction);           // "70.12%"

}  // namespace nncc::report

#endif  // NNCC_REPORT_TEXT_H
