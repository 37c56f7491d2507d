// Confusion matrices for people (a table) and for other programs (CSV).
#ifndef NNCC_TRAIN_CONFUSIONTABLES_H
#define NNCC_TRAIN_CONFUSIONTABLES_H

#include <filesystem>
#include <string>
#include <vector>

#include "report/Progress.h"
#include "train/Metrics.h"

namespace nncc::train {

// One row a class, its samples by predicted class. Names fall back to "class 3".
std::string confusionText(const ConfusionMatrix &matrix, const std::vector<std::string> &classNames);

// The same as lines of comma-separated values; the first names the predicted classes.
std::string confusionCsv(const ConfusionMatrix &matrix, const std::vector<std::string> &classNames);

// Prints every table (those of many classes only as the name of their file) and writes it to
// FOLDER/NAME.csv.
void reportTables(report::Progress &progress, const std::vector<OverallMetrics::Table> &tables,
                  const std::vector<std::string> &classNames, const std::filesystem::path &folder);

}  // namespace nncc::train

#endif  // NNCC_TRAIN_CONFUSIONTABLES_H
