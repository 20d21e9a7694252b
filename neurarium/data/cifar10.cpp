#include "neurarium/data/cifar10.hpp"

#include <png.h>

#include <algorithm>
#include <cstring>

#include "neurarium/core/files.hpp"
#include "neurarium/interchange/json.hpp"

namespace neurarium {
namespace {

constexpr std::size_t side = 32, pixels = side * side, colours = 3;
constexpr std::size_t record = 1 + pixels * colours;
constexpr std::int64_t classes = 10;

std::vector<std::byte> content_of(const std::filesystem::path& path, const std::string& mend) {
  if (!std::filesystem::exists(path)) throw DataError(path.string(), "not found", mend);
  return read_bytes(path);
}

Shape pictures_shape(std::size_t samples) { return {samples, side, side, colours}; }

}  // namespace

Split read_cifar10_binary(std::span<const std::filesystem::path> files, const std::string& mend) {
  std::vector<std::size_t> counts;
  std::size_t samples = 0;
  for (const auto& path : files) {
    if (!std::filesystem::exists(path)) throw DataError(path.string(), "not found", mend);
    const auto size = static_cast<std::size_t>(std::filesystem::file_size(path));
    if (size == 0 || size % record != 0)
      throw DataError(path.string(),
                      "is " + std::to_string(size) + " bytes long, expected a multiple of " + std::to_string(record) +
                          " (a label and 32 x 32 x 3 bytes per sample; 30730000 in the official files)",
                      mend, static_cast<std::int64_t>(size - size % record));
    counts.push_back(size / record);
    samples += counts.back();
  }
  Split split{Array(DType::u8, pictures_shape(samples)), Array(DType::i64, {samples})};
  std::uint8_t* out = split.x.as<std::uint8_t>().data();
  std::int64_t* label = split.y.as<std::int64_t>().data();
  for (std::size_t file = 0; file < files.size(); ++file) {
    const std::vector<std::byte> bytes = content_of(files[file], mend);
    if (bytes.size() != counts[file] * record) throw DataError(files[file].string(), "changed while it was read", mend);
    for (std::size_t i = 0; i < counts[file]; ++i, out += pixels * colours) {
      const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data()) + i * record;
      if (*in >= classes)
        throw DataError(files[file].string(),
                        "label " + std::to_string(*in) + " of record " + std::to_string(i) + ", expected 0 to 9", mend,
                        static_cast<std::int64_t>(i * record));
      *label++ = *in++;
      for (std::size_t p = 0; p < pixels; ++p)
        for (std::size_t c = 0; c < colours; ++c) out[p * colours + c] = in[c * pixels + p];
    }
  }
  return split;
}

Array read_cifar10_rows(const std::filesystem::path& picture, const std::string& mend) {
  const std::vector<std::byte> file = content_of(picture, mend);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto fail = [&](const std::string& what) {
    png_image_free(&image);
    throw DataError(picture.string(), what, mend);
  };
  if (!png_image_begin_read_from_memory(&image, file.data(), file.size()))
    fail(std::string("no valid PNG picture: ") + image.message);
  if (image.width != pixels || image.format != PNG_FORMAT_RGB)
    fail("a picture of " + std::to_string(image.width) + " x " + std::to_string(image.height) + " pixels" +
         (image.format == PNG_FORMAT_RGB ? "" : ", not 8-bit RGB") +
         ", expected 1024 pixels of 8-bit RGB per row, a sample a row");
  // Deflate can't do better than 1 : 1032. Checked before memory is asked for.
  if (image.height / 1032 > file.size() / (pixels * colours)) fail("announces more pixels than its size can hold");
  Array rows(DType::u8, pictures_shape(image.height));
  if (!png_image_finish_read(&image, nullptr, rows.view().data(), 0, nullptr))
    fail(std::string("the PNG picture is damaged: ") + image.message);
  if (image.warning_or_error != 0) fail(std::string("the PNG picture is damaged: ") + image.message);
  return rows;
}

std::vector<std::int64_t> read_cifar10_labels(const std::filesystem::path& path, const std::string& mend) {
  const std::vector<std::byte> bytes = content_of(path, mend);
  const Value list = parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
  if (!list.is_list())
    throw DataError(path.string(), "holds " + std::string(list.kind()) + ", expected a list of labels", mend);
  std::vector<std::int64_t> labels;
  for (const Value& label : list.as_list()) {
    if (!label.is_integer() || label.as_integer() < 0 || label.as_integer() >= classes)
      throw DataError(path.string(),
                      "label of sample " + std::to_string(labels.size()) + " (line " +
                          std::to_string(label.where().line) + ", column " + std::to_string(label.where().column) +
                          ") is not a whole number from 0 to 9",
                      mend);
    labels.push_back(label.as_integer());
  }
  return labels;
}

Split read_cifar10_png(std::span<const std::filesystem::path> pictures, const std::filesystem::path& labels,
                       const std::string& mend) {
  std::vector<Array> parts;
  std::size_t samples = 0;
  for (const auto& picture : pictures) {
    parts.push_back(read_cifar10_rows(picture, mend));
    samples += parts.back().shape()[0];
  }
  const std::vector<std::int64_t> list = read_cifar10_labels(labels, mend);
  if (list.size() != samples)
    throw DataError(labels.string(),
                    "expected one label for each of the " + std::to_string(samples) + " rows of the pictures, found " +
                        std::to_string(list.size()),
                    mend);
  Split split{Array(DType::u8, pictures_shape(samples)), Array(DType::i64, {samples})};
  std::byte* out = split.x.view().data();
  for (const Array& part : parts) {
    std::memcpy(out, part.view().data(), part.size());
    out += part.size();
  }
  std::copy(list.begin(), list.end(), split.y.as<std::int64_t>().data());
  return split;
}

std::vector<std::byte> cifar10_records(View<const std::uint8_t> pictures, std::span<const std::int64_t> labels) {
  if (!(pictures.shape() == pictures_shape(labels.size())))
    throw ShapeError("cifar10_records", to_string(pictures_shape(labels.size())), to_string(pictures.shape()));
  std::vector<std::byte> bytes(labels.size() * record);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::byte* out = bytes.data() + i * record;
    const std::uint8_t* in = pictures.data() + i * pixels * colours;
    *out++ = static_cast<std::byte>(labels[i]);
    for (std::size_t c = 0; c < colours; ++c)
      for (std::size_t p = 0; p < pixels; ++p) *out++ = static_cast<std::byte>(in[p * colours + c]);
  }
  return bytes;
}

}  // namespace neurarium
