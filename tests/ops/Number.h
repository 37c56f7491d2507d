// A number of the reference computations: its value in double, and the magnitude that
// rounding errors of a lower-precision computation are proportional to. For a sum of
// products the magnitude is the sum of the absolute products, whatever the order of
// summation; functions pass the magnitude on with their condition number. A result is
// right when it is within `tolerance * epsilon(T) * magnitude` of the value: a bound that
// neither grows with lucky large results nor breaks down where terms cancel.
#ifndef NNCC_TESTS_OPS_NUMBER_H
#define NNCC_TESTS_OPS_NUMBER_H

#include <cmath>

namespace nncc::ops {

struct Number {
  double value = 0;
  double magnitude = 0;

  Number() = default;
  Number(double exact) : value(exact), magnitude(std::abs(exact)) {}
  Number(double value, double magnitude) : value(value), magnitude(magnitude) {}

  Number &operator+=(Number other) {
    value += other.value;
    magnitude += other.magnitude;
    return *this;
  }
};

inline Number operator+(Number a, Number b) { return a += b; }
inline Number operator-(Number a, Number b) {
  return {a.value - b.value, a.magnitude + b.magnitude};
}
inline Number operator*(Number a, Number b) {
  return {a.value * b.value, a.magnitude * b.magnitude};
}
inline Number operator/(Number a, Number b) {
  return {a.value / b.value, a.magnitude * b.magnitude / (b.value * b.value)};
}

// Where two numbers are close, the kernel may take the other one: hence both magnitudes.
inline Number maximum(Number a, Number b) {
  return {std::fmax(a.value, b.value), std::fmax(a.magnitude, b.magnitude)};
}

inline Number absolute(Number a) { return {std::fabs(a.value), a.magnitude}; }

inline Number exponential(Number a) {
  double value = std::exp(a.value);
  return {value, value * (1 + a.magnitude)};
}

inline Number logarithm(Number a) {
  double value = std::log(a.value);
  return {value, std::abs(value) + a.magnitude / a.value};
}

inline Number squareRoot(Number a) {
  double value = std::sqrt(a.value);
  return {value, value == 0 ? 0 : value + a.magnitude / (2 * value)};
}

}  // namespace nncc::ops

#endif  // NNCC_TESTS_OPS_NUMBER_H
