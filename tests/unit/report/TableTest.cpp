#include "report/Table.h"

#include <gtest/gtest.h>

#include <stdexcept>

using nncc::report::Table;

namespace {

TEST(Table, AlignsColumns) {
  Table table({{"layer"}, {"shape"}, {"parameters", Table::Align::Right}});
  table.row({"conv2d", "[30, 30, 32]", "896"});
  table.row({"max_pool2d", "[14, 14, 32]", "0"});
  table.rule();
  table.row({"total", "", "79,626"});
  EXPECT_EQ(table.text(),
            "layer       shape         parameters\n"
            "------------------------------------\n"
            "conv2d      [30, 30, 32]         896\n"
            "max_pool2d  [14, 14, 32]           0\n"
            "------------------------------------\n"
            "total                         79,626\n");
}

TEST(Table, LeavesNoBlanksAtLineEnds) {
  Table table({{"a"}, {"long header"}});
  table.row({"x", "y"});
  table.row({"x", ""});
  EXPECT_EQ(table.text(), "a  long header\n--------------\nx  y\nx\n");
}

TEST(Table, RefusesRowsOfAnotherLength) {
  Table table({{"a"}, {"b"}});
  EXPECT_THROW(table.row({"x"}), std::invalid_argument);
}

}  // namespace
