// Curves over the epochs as a self-contained SVG: panels side by side with axes, ticks, grid
// and a legend each, on a light background.
#ifndef NNCC_REPORT_PLOT_H
#define NNCC_REPORT_PLOT_H

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace nncc::report {

struct Point {
  double x, y;  // x is finite; a point whose y isn't is left out and breaks the line
};

struct Curve {
  std::string name;  // "training", "validation": same place in two panels, same colour
  std::vector<Point> points;
};

struct Panel {
  std::string title;  // "accuracy"
  std::vector<Curve> curves;
};

struct Plot {
  std::string title;   // "cifar10"
  std::string xTitle;  // "epoch"
  std::vector<Panel> panels;
};

std::string renderSvg(const Plot &plot);

// Replaces the file atomically; throws UserError naming it.
void writeSvg(const std::filesystem::path &path, const Plot &plot);

}  // namespace nncc::report

#endif  // NNCC_REPORT_PLOT_H
