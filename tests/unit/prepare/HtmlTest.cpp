#include "prepare/Html.h"

#include <gtest/gtest.h>

using namespace nncc::prepare;

TEST(Html, TextsStayTexts) {
  EXPECT_EQ(escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escaped("\x1b[2J\n\x7f"), " [2J  ");
  EXPECT_EQ(escaped("caf\xC3\xA9 \xFF"), "caf\xC3\xA9 \xEF\xBF\xBD");
}
