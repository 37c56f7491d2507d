// What test_ops was asked for on its command line beside gtest's own options.
#ifndef NNCC_TESTS_OPS_OPTIONS_H
#define NNCC_TESTS_OPS_OPTIONS_H

#include <string>

namespace nncc::ops {

struct Options {
  std::string level, schedule, element;  // empty: all
};
extern Options options;

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_OPTIONS_H
