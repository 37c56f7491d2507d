#include "schedule/schedules/SampleRows.h"

#include <algorithm>

#include "schedule/schedules/Tiles.h"

namespace nncc::schedule {

void scheduleSampleRows(Halide::Func out, const Halide::Expr &extent, int samples, int most,
                        const std::function<void(Halide::Stage, int rows)> &schedule) {
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
