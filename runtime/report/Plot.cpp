#include "report/Plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/AtomicFile.h"
#include "report/Text.h"

namespace nncc::report {

namespace {

// Told apart with any kind of colour blindness and in grey; the first two are what a training
// uses.
const char *const palette[] = {"#1f6fb4", "#d9591c", "#2f8f4e", "#8c4fa8", "#6b6b6b"};
constexpr const char *ink = "#222222", *faint = "#e3e3e3", *axisInk = "#777777";

// All in pixels.
constexpr double panelWidth = 470, height = 420, titleHeight = 44;
constexpr double areaLeft = 66, areaRight = 22, areaTop = 56, areaBottom = 52;

struct Axis {
  double low, high, step;
  int decimals;
};

// Ticks at multiples of 1, 2 or 5 times a power of ten; the ends are ticks if `whole`.
Axis makeAxis(double low, double high, int ticks, double leastStep, bool whole) {
  // A range that is nothing beside its values would have more ticks' digits than a double.
  if (high - low <= std::max(1e-9 * std::max(std::abs(low), std::abs(high)), 1e-300)) {
    double around = std::max(std::abs(low) * 0.1, leastStep > 0 ? leastStep / 2 : 0.1);
    low -= around;
    high += around;
  }
  double rough = (high - low) / ticks;
  double power = std::pow(10, std::floor(std::log10(rough)));
  double step = power;
  for (double factor : {1.0, 2.0, 5.0, 10.0}) {
    step = factor * power;
    if (step >= rough * 0.999) break;
  }
  step = std::max(step, leastStep);
  if (whole) {
    low = std::floor(low / step + 1e-9) * step;
    high = std::ceil(high / step - 1e-9) * step;
  }
  int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 12);
  return {low, high, step, decimals};
}

std::string tickText(double value, const Axis &axis) {
  double size = std::max(std::abs(axis.low), std::abs(axis.high));
  if (size >= 1e6) return jsonNumber(static_cast<float>(value));
  return fixed(value == 0 ? 0 : value, axis.decimals);
}

bool drawable(double y) { return std::abs(y) < 1e300; }  // no NaN, and ranges stay finite

std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else if (static_cast<unsigned char>(c) < 0x20)
      result += ' ';  // most of them are illegal in XML
    else
      result += c;
  }
  return result;
}

std::string valueText(double value) {
  return std::abs(value) < 1e6 ? fixed(value, 4) : jsonNumber(static_cast<float>(value));
}

std::string number(double value) { return fixed(value, 1); }

class Svg {
 public:
  void text(double x, double y, const std::string &text, const char *anchor, int size,
            const char *more = "") {
    out += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor +
           "\" font-size=\"" + std::to_string(size) + "\"" + more + ">" + escaped(text) +
           "</text>\n";
  }
  void line(double x1, double y1, double x2, double y2, const char *colour, double width) {
    out += "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) +
           "\" y2=\"" + number(y2) + "\" stroke=\"" + colour + "\" stroke-width=\"" +
           number(width) + "\"/>\n";
  }
  void circle(double x, double y, double radius, const char *colour) {
    out += "<circle cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"" + number(radius) +
           "\" fill=\"" + colour + "\"/>\n";
  }
  void polyline(const std::vector<Point> &points, const char *colour) {
    out += "<polyline fill=\"none\" stroke=\"" + std::string(colour) +
           "\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"";
    for (size_t i = 0; i < points.size(); ++i)
      out += (i ? " " : "") + number(points[i].x) + "," + number(points[i].y);
    out += "\"/>\n";
  }

  std::string out;
};

class PanelPainter {
 public:
  PanelPainter(Svg &svg, const Panel &panel, const std::string &xTitle, double x)
      : svg(svg),
        panel(panel),
        xTitle(xTitle),
        left(x + areaLeft),
        right(x + panelWidth - areaRight),
        top(titleHeight + areaTop),
        bottom(height - areaBottom) {}

  void paint() {
    svg.text((left + right) / 2, titleHeight + 16, panel.title, "middle", 15,
             " font-weight=\"bold\"");
    svg.text((left + right) / 2, height - 12, xTitle, "middle", 13);
    if (!measure()) {
      svg.line(left, bottom, right, bottom, axisInk, 1);
      svg.line(left, top, left, bottom, axisInk, 1);
      svg.text((left + right) / 2, (top + bottom) / 2, "nothing to show yet", "middle", 13);
      return;
    }
    axes();
    legend();
    for (size_t i = 0; i < panel.curves.size(); ++i) curve(panel.curves[i], colour(i));
  }

 private:
  static const char *colour(size_t i) { return palette[i % std::size(palette)]; }

  bool measure() {
    double lowX = std::numeric_limits<double>::infinity(), highX = -lowX;
    double lowY = lowX, highY = -lowX;
    bool wholeX = true;
    for (const Curve &curve : panel.curves)
      for (const Point &point : curve.points) {
        // Points without a value still take their place on the x axis.
        lowX = std::min(lowX, point.x);
        highX = std::max(highX, point.x);
        wholeX = wholeX && point.x == std::floor(point.x);
        if (!drawable(point.y)) continue;
        lowY = std::min(lowY, point.y);
        highY = std::max(highY, point.y);
        points = std::max(points, curve.points.size());
      }
    if (!(lowY <= highY)) return false;
    xAxis = makeAxis(lowX, highX, 8, wholeX ? 1 : 0, false);
    yAxis = makeAxis(lowY, highY, 6, 0, true);
    return true;
  }

  double toX(double x) const {
    return left + (x - xAxis.low) / (xAxis.high - xAxis.low) * (right - left);
  }
  double toY(double y) const {
    return bottom - (y - yAxis.low) / (yAxis.high - yAxis.low) * (bottom - top);
  }

  template <typename Use>
  static void forEachTick(const Axis &axis, Use use) {
    double first = std::ceil(axis.low / axis.step - 1e-9);
    double last = std::floor(axis.high / axis.step + 1e-9);
    for (double i = first; i <= last; ++i) use(i * axis.step);
  }

  void axes() {
    forEachTick(yAxis, [&](double value) {
      svg.line(left, toY(value), right, toY(value), faint, 1);
      svg.text(left - 8, toY(value) + 4, tickText(value, yAxis), "end", 12);
    });
    forEachTick(xAxis, [&](double value) {
      svg.line(toX(value), bottom, toX(value), bottom + 5, axisInk, 1);
      svg.text(toX(value), bottom + 20, tickText(value, xAxis), "middle", 12);
    });
    svg.line(left, bottom, right, bottom, axisInk, 1);
    svg.line(left, top, left, bottom, axisInk, 1);
  }

  // Above the area, where no curve can hide it; each name with its last value.
  void legend() {
    double x = left, y = titleHeight + 38;
    for (size_t i = 0; i < panel.curves.size(); ++i) {
      const Curve &curve = panel.curves[i];
      std::string text = curve.name;
      if (!curve.points.empty()) text += " " + valueText(curve.points.back().y);
      svg.line(x, y - 4, x + 22, y - 4, colour(i), 2);
      svg.text(x + 28, y, text, "start", 12);
      x += 28 + 6.6 * static_cast<double>(text.size()) + 20;
    }
  }

  void curve(const Curve &curve, const char *colour) {
    std::vector<Point> piece;
    auto finish = [&] {
      if (piece.size() > 1) svg.polyline(piece, colour);
      // Marks show where the values are; many would only blur the line.
      if (points <= 40 || piece.size() == 1)
        for (const Point &point : piece) svg.circle(point.x, point.y, 3, colour);
      piece.clear();
    };
    for (const Point &point : curve.points) {
      if (drawable(point.y))
        piece.push_back({toX(point.x), toY(point.y)});
      else
        finish();
    }
    finish();
  }

  Svg &svg;
  const Panel &panel;
  const std::string &xTitle;
  double left, right, top, bottom;
  Axis xAxis{}, yAxis{};
  size_t points = 0;  // of the longest curve
};

}  // namespace

std::string renderSvg(const Plot &plot) {
  std::string width = number(panelWidth * static_cast<double>(std::max<size_t>(
                                              plot.panels.size(), 1)));
  Svg svg;
  svg.out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" +
            number(height) + "\" viewBox=\"0 0 " + width + " " + number(height) +
            "\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" fill=\"" + ink +
            "\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  svg.text(panelWidth * static_cast<double>(plot.panels.size()) / 2, 30, plot.title, "middle", 18,
           " font-weight=\"bold\"");
  for (size_t i = 0; i < plot.panels.size(); ++i)
    PanelPainter(svg, plot.panels[i], plot.xTitle, panelWidth * static_cast<double>(i)).paint();
  return svg.out + "</svg>\n";
}

void writeSvg(const std::filesystem::path &path, const Plot &plot) {
  AtomicFile file(path);
  file.write(renderSvg(plot));
  file.commit();
}

}  // namespace nncc::report
