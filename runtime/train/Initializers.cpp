#include "train/Initializers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "data/Random.h"
#include "error.h"
#include "train/Block.h"
#include "train/Program.h"

namespace nncc::train {

namespace {

// From a uniform number in [0, 1) to the element's value.
using Distribution = std::function<double(double uniform)>;

Distribution constant(double value) {
  return [value](double) { return value; };
}

Distribution uniform(double low, double high) {
  return [=](double u) { return low + (high - low) * u; };
}

// The multiples of 2^-53 that are drawn, moved by half a step: 0 has no quantile.
double inside(double u) { return u + 0x1p-54; }

Distribution normal(double mean, double deviation) {
  return [=](double u) { return mean + deviation * normalQuantile(inside(u)); };
}

// A normal distribution without its values beyond two deviations from the mean.
Distribution truncatedNormal(double mean, double deviation) {
  double below = std::erfc(std::sqrt(2.0)) / 2;  // P(x < -2)
  return [=](double u) {
    return mean + deviation * normalQuantile(below + (1 - 2 * below) * inside(u));
  };
}

// Keras's VarianceScaling: the variance of the weights is scale / fan.
double fan(const NnccParameter &parameter, std::string_view mode) {
  double fan = mode == "fan_in"    ? static_cast<double>(parameter.fan_in)
               : mode == "fan_out" ? static_cast<double>(parameter.fan_out)
                                   : (parameter.fan_in + parameter.fan_out) / 2.0;
  return std::max(fan, 1.0);
}

Distribution scaledUniform(double scale, double fan) {
  double limit = std::sqrt(3 * scale / fan);
  return uniform(-limit, limit);
}

// The constant is the deviation of a standard normal truncated to two deviations.
Distribution scaledNormal(double scale, double fan) {
  return truncatedNormal(0, std::sqrt(scale / fan) / 0.87962566103423978);
}

// The numbers of the option `values`, one for each element.
std::vector<double> listedValues(const NnccParameter &parameter, const NnccComponent &component) {
  const NnccOption *option = findOption(component, "values");
  std::string_view text = option ? option->text : "";
  std::vector<double> values;
  for (const char *at = text.data(), *end = at + text.size(); at != end;) {
    double value;
    auto [stop, error] = std::from_chars(at, end, value);
    if (error != std::errc()) break;
    values.push_back(value);
    at = stop == end ? end : stop + 1;
  }
  if (static_cast<int64_t>(values.size()) != elements(parameter.tensor))
    throw UserError("parameter '" + std::string(parameter.tensor.name) + "' has " +
                    std::to_string(elements(parameter.tensor)) + " elements, but its initializer "
                    "lists " + std::to_string(values.size()) + " values; compile the model again");
  return values;
}

// Rows of normal numbers, each made orthogonal to those before it and scaled to length 1: a random
// direction among all that are left. Of [.., columns], or of its transpose where columns are fewer.
std::vector<double> orthogonal(const NnccParameter &parameter, const data::Random &random) {
  const NnccTensor &tensor = parameter.tensor;
  int64_t columns = tensor.rank ? tensor.shape[tensor.rank - 1] : 1, rows = elements(tensor) / columns;
  bool transposed = rows > columns;
  int64_t count = std::min(rows, columns), length = std::max(rows, columns);
  Distribution draw = normal(0, 1);
  std::vector<double> vectors(count * length), values(count * length);
  for (int64_t i = 0; i < count; ++i) {
    double *vector = &vectors[i * length];
    for (int64_t k = 0; k < length; ++k) vector[k] = draw(random.uniform(i * length + k));
    // The second time removes what the first one's rounding left.
    for (int pass = 0; pass < 2; ++pass)
      for (int64_t j = 0; j < i; ++j) {
        const double *before = &vectors[j * length];
        double product = 0;
        for (int64_t k = 0; k < length; ++k) product += vector[k] * before[k];
        for (int64_t k = 0; k < length; ++k) vector[k] -= product * before[k];
      }
    double square = 0;
    for (int64_t k = 0; k < length; ++k) square += vector[k] * vector[k];
    for (int64_t k = 0; k < length; ++k) vector[k] /= std::sqrt(square);
  }
  double gain = numberOption(parameter.initializer, "gain", 1);
  for (int64_t i = 0; i < count; ++i)
    for (int64_t k = 0; k < length; ++k)
      values[transposed ? k * count + i : i * length + k] = gain * vectors[i * length + k];
  return values;
}

struct Initializer {
  std::string_view name;
  Distribution (*make)(const NnccParameter &parameter, const NnccComponent &options);
};

constexpr Initializer kInitializers[] = {
    {"zeros", [](const NnccParameter &, const NnccComponent &) { return constant(0); }},
    {"ones", [](const NnccParameter &, const NnccComponent &) { return constant(1); }},
    // Until the training data is there (see Statistics.h): nothing is changed by them.
    {"adapt",
     [](const NnccParameter &, const NnccComponent &o) {
       return constant(numberOption(o, "variance", 0));
     }},
    {"constant",
     [](const NnccParameter &, const NnccComponent &o) {
       return constant(numberOption(o, "value", 0));
     }},
    {"random_uniform",
     [](const NnccParameter &, const NnccComponent &o) {
       return uniform(numberOption(o, "minval", -0.05), numberOption(o, "maxval", 0.05));
     }},
    {"random_normal",
     [](const NnccParameter &, const NnccComponent &o) {
       return normal(numberOption(o, "mean", 0), numberOption(o, "stddev", 0.05));
     }},
    {"truncated_normal",
     [](const NnccParameter &, const NnccComponent &o) {
       return truncatedNormal(numberOption(o, "mean", 0), numberOption(o, "stddev", 0.05));
     }},
    {"glorot_uniform",
     [](const NnccParameter &p, const NnccComponent &) {
       return scaledUniform(1, fan(p, "fan_avg"));
     }},
    {"glorot_normal",
     [](const NnccParameter &p, const NnccComponent &) {
       return scaledNormal(1, fan(p, "fan_avg"));
     }},
    {"he_uniform",
     [](const NnccParameter &p, const NnccComponent &) {
       return scaledUniform(2, fan(p, "fan_in"));
     }},
    {"he_normal",
     [](const NnccParameter &p, const NnccComponent &) {
       return scaledNormal(2, fan(p, "fan_in"));
     }},
    {"lecun_uniform",
     [](const NnccParameter &p, const NnccComponent &) {
       return scaledUniform(1, fan(p, "fan_in"));
     }},
    {"lecun_normal",
     [](const NnccParameter &p, const NnccComponent &) {
       return scaledNormal(1, fan(p, "fan_in"));
     }},
};

Distribution distributionOf(const NnccParameter &parameter) {
  const NnccComponent &component = parameter.initializer;
  std::string_view wanted = component.kind ? component.kind : "";
  std::string known = "orthogonal, values";
  for (const Initializer &initializer : kInitializers) {
    if (initializer.name == wanted) return initializer.make(parameter, component);
    known += (known.empty() ? "" : ", ") + std::string(initializer.name);
  }
  throw UserError("parameter '" + std::string(parameter.tensor.name) +
                  "' has the unknown initializer '" + std::string(wanted) + "'; known are " + known);
}

// 64-bit FNV-1a, of which a random stream's index has room for 56 bits.
uint64_t streamOf(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char c : name) hash = (hash ^ c) * 0x100000001b3u;
  return hash & ((uint64_t{1} << 56) - 1);
}

double polynomial(const double (&coefficients)[8], double x) {
  double sum = 0;
  for (int i = 7; i >= 0; --i) sum = sum * x + coefficients[i];
  return sum;
}

}  // namespace

void initialize(const NnccParameter &parameter, uint64_t seed, void *values) {
  data::Random random(seed, data::Purpose::Initializer, streamOf(parameter.tensor.name));
  std::string_view kind = parameter.initializer.kind ? parameter.initializer.kind : "";
  if (kind == "values" || kind == "orthogonal") {
    std::vector<double> listed = kind == "values" ? listedValues(parameter, parameter.initializer) : orthogonal(parameter, random);
    if (parameter.tensor.type == NNCC_F64)
      std::copy(listed.begin(), listed.end(), static_cast<double *>(values));
    else
      std::copy(listed.begin(), listed.end(), static_cast<float *>(values));
    return;
  }
  Distribution distribution = distributionOf(parameter);
  int64_t count = elements(parameter.tensor);
  switch (parameter.tensor.type) {
    case NNCC_F32:
      for (int64_t i = 0; i < count; ++i)
        static_cast<float *>(values)[i] = static_cast<float>(distribution(random.uniform(i)));
      return;
    case NNCC_F64:
      for (int64_t i = 0; i < count; ++i)
        static_cast<double *>(values)[i] = distribution(random.uniform(i));
      return;
    default:
      throw UserError("parameter '" + std::string(parameter.tensor.name) +
                      "' has an element type that cannot be trained; expected float32 or float64");
  }
}

// Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988, PPND16.
double normalQuantile(double probability) {
  static constexpr double a[8] = {3.3871328727963666080e0,  1.3314166789178437745e2,
                                  1.9715909503065514427e3,  1.3731693765509461125e4,
                                  4.5921953931549871457e4,  6.7265770927008700853e4,
                                  3.3430575583588128105e4,  2.5090809287301226727e3};
  static constexpr double b[8] = {1.0,                      4.2313330701600911252e1,
                                  6.8718700749205790830e2,  5.3941960214247511077e3,
                                  2.1213794301586595867e4,  3.9307895800092710610e4,
                                  2.8729085735721942674e4,  5.2264952788528545610e3};
  static constexpr double c[8] = {1.42343711074968357734e0, 4.63033784615654529590e0,
                                  5.76949722146069140550e0, 3.64784832476320460504e0,
                                  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                  2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr double d[8] = {1.0,                      2.05319162663775882187e0,
                                  1.67638483018380384940e0, 6.89767334985100004550e-1,
                                  1.48103976427480074590e-1, 1.51986665636164571966e-2,
                                  5.47593808499534494600e-4, 1.05075007164441684324e-9};
  static constexpr double e[8] = {6.65790464350110377720e0, 5.46378491116411436990e0,
                                  1.78482653991729133580e0, 2.96560571828504891230e-1,
                                  2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                  2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr double f[8] = {1.0,                      5.99832206555887937690e-1,
                                  1.36929880922735805310e-1, 1.48753612908506148525e-2,
                                  7.86869131145613259100e-4, 1.84631831751005468180e-5,
                                  1.42151175831644588870e-7, 2.04426310338993978564e-15};
  double q = probability - 0.5;
  if (std::abs(q) <= 0.425) {
    double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  double r = std::sqrt(-std::log(q < 0 ? probability : 1 - probability));
  double x = r <= 5 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6)
                    : polynomial(e, r - 5) / polynomial(f, r - 5);
  return q < 0 ? -x : x;
}

}  // namespace nncc::train
