#include "schedule/schedules/SampleRows.h"

#include <algorithm>

#include "schedule/schedules/Tiles.h"

namespace nncc::schedule {

using Halide::TailStrategy;
using Halide::Var;

void scheduleSampleRows(Halide::Func out, const Halide::Expr &extent, int samples, int most, const Var &tile,
                        const std::function<TileColumns(int rows)> &columnsOf) {
  const Var column = out.args()[0], sample = out.args()[1];
  Var ot("ot"), ov("ov"), lane("lane"), ni("ni");
  auto schedule = [&](Halide::Stage stage, int rows) {
    TileColumns columns = columnsOf(rows);
    stage.split(column, ot, ov, columns.width, TailStrategy::ShiftInwards)
        .split(ov, ov, lane, columns.lanes)
        .split(sample, tile, ni, rows, TailStrategy::ShiftInwards)
        .reorder(lane, ov, ni, tile, ot)
        .unroll(ov)
        .unroll(ni);
    if (columns.lanes > 1)
      stage.vectorize(lane);
  };
  for (int rows = most - 1; rows > 1; --rows) {
    Halide::Expr even = extent == rows;
    for (int count = rows + 1; count <= std::min(samples, 2 * most); ++count)
      if (ceilDiv(count, ceilDiv(count, most)) == rows)
        even = even || extent == count;
    schedule(out.specialize(even), rows);
  }
  if (most > 1)
    schedule(out.specialize(extent >= most), most);
  schedule(out, 1);
}

}  // namespace nncc::schedule
