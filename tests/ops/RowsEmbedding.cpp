// Rows of tables, and the gradient of a table. Indices may lie outside of it, or between two rows.
#include "Rows.h"

namespace nncc::ops {

namespace {

struct Table {
  const char *variant;
  Shape src;
  int64_t rows, columns;

  Shape dst() const {
    Shape shape = src;
    shape.push_back(columns);
    return shape;
  }
};

Value embedding(Builder &b, Value src, const Table &t) {
  return b.node("embedding", {src, b.whole({t.rows, t.columns})}, {}, {{b.real, t.dst(), 0}})[0];
}

Value embeddingBwdWeights(Builder &b, Value src, Value diffDst, const Table &t) {
  Value sums = b.node("embedding_bwd_weights", {src, diffDst}, {{"rows", {double(t.rows)}}},
                      {{b.real, {t.rows, t.columns}, -1}})[0];
  b.anchor();
  return sums;
}

}  // namespace

void embeddingRows(std::vector<Row> &table) {
  for (const Table &t : {Table{"words", {5, 7}, 11, 16}, Table{"odd_columns", {4, 3}, 6, 21},
                         Table{"narrow", {5, 6}, 9, 3}, Table{"one_column", {6, 4}, 5, 1},
                         Table{"one_row", {3, 2}, 1, 8}, Table{"category", {7}, 13, 4},
                         Table{"image", {3, 4, 5}, 8, 32}, Table{"batch_of_one", {1, 9}, 40, 64}}) {
    table.push_back({"embedding", t.variant, [t](Builder &b) { b.result(embedding(b, b.sliced(t.src), t)); }});
    // Rows that several positions add to.
    table.push_back({"embedding_bwd_weights", t.variant,
                     [t](Builder &b) {
                       Value src = b.sliced(t.src);
                       b.accumulated(embeddingBwdWeights(b, src, b.sliced(t.dst()), t));
                     },
                     8});
  }
  const Table words = {"", {5, 7}, 11, 16};
  table.push_back({"embedding_bwd_weights", "integers",
                   [words](Builder &b) {
                     Value src = b.sliced(words.src);
                     b.accumulated(embeddingBwdWeights(b, src, b.sliced(words.dst()), words));
                   },
                   0, Numbers::Integers});
  table.push_back({"fused", "rescale_embedding", [words](Builder &b) {
                     Value bytes = b.argument({ElementType::U8, words.src, 0});
                     b.result(embedding(b, b.rescale(bytes, 1, 0), words));
                   }});
  table.push_back({"fused", "relu_bwd_embedding_bwd_weights",
                   [words](Builder &b) {
                     Value bytes = b.argument({ElementType::U8, words.src, 0});
                     Value dst = b.sliced(words.dst()), diff = b.sliced(words.dst());
                     Value src = b.rescale(bytes, 1, 0);
                     b.accumulated(embeddingBwdWeights(b, src, b.reluBwd(dst, diff), words));
                   },
                   8});
}

}  // namespace nncc::ops
