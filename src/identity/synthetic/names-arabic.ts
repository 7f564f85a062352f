import type { NamePart } from "./name-part.js";

/** Arabic script, then the romanisations seen on forms, the commonest first. */
const MALE = `محمد Mohammed Muhammad Mohamed Mohd,أحمد Ahmed Ahmad,علي Ali Aly,عمر Omar Umar,خالد Khaled Khalid,
يوسف Youssef Yousef Yusuf,إبراهيم Ibrahim Ebrahim,حسن Hassan Hasan,حسين Hussein Husain Hossein,عبدالله Abdullah Abdallah,
عبدالرحمن Abdulrahman Abdelrahman Abdurrahman,سعيد Saeed Said,طارق Tariq Tarek,مصطفى Mustafa Mostafa,كريم Karim Kareem,
سامي Sami Samy,ماجد Majid Majed,نبيل Nabil Nabeel,رامي Rami Ramy,فيصل Faisal Faysal,حمزة Hamza Hamzah,ياسر Yasser Yasir,
وليد Walid Waleed,أنس Anas,زياد Ziad Ziyad,عادل Adel Adil,جمال Jamal Gamal,سلطان Sultan,راشد Rashid Rashed,بلال Bilal Belal`;

const FEMALE = `فاطمة Fatima Fatma Fatemah,عائشة Aisha Ayesha,مريم Mariam Maryam,زينب Zainab Zeinab,نور Noor Nour,
سارة Sara Sarah,ليلى Layla Leila,هدى Huda Hoda,أمينة Amina Ameena,خديجة Khadija Khadijah,رانيا Rania Raniya,سلمى Salma Selma,
ياسمين Yasmin Yasmine,نادية Nadia Nadya,دينا Dina Deena,ريم Reem Rim,هالة Hala Halah,منى Mona Muna,سمية Sumaya Soumaya,
لينا Lina Leena,أسماء Asma Asmaa,إيمان Iman Eman,حنان Hanan,شيماء Shaima Shaimaa,هند Hind,جميلة Jamila Gamila,رحمة Rahma`;

const FAMILY = `الأحمد Al-Ahmad Alahmad El-Ahmed,المصري Al-Masri El-Masry Almasri,الخطيب Al-Khatib El-Khatib Alkhateeb,
السيد El-Sayed Al-Sayed Elsayed,حداد Haddad Hadad,النجار Al-Najjar Najjar Elnaggar,الشامي Al-Shami El-Shamy Alshami,
الحسن Al-Hassan Alhasan,عبدالعزيز Abdulaziz Abdelaziz,القحطاني Al-Qahtani Alqahtani,الغامدي Al-Ghamdi Alghamdi,
الزهراني Al-Zahrani Alzahrani,منصور Mansour Mansoor,صالح Saleh Salih,عثمان Othman Osman,إسماعيل Ismail Esmail,
خليل Khalil Khaleel,حمدان Hamdan,درويش Darwish Darwich,بركات Barakat,الشمري Al-Shammari Alshammari,العتيبي Al-Otaibi Alotaibi,
المنصوري Al-Mansoori Almansouri,النعيمي Al-Nuaimi Alnuaimi,الهاشمي Al-Hashimi El-Hashemi,سليمان Suleiman Soliman Sulaiman,
جابر Jaber Gaber,ناصر Nasser Nasir,قاسم Qasim Kassem Kasim,فارس Fares Faris,عباس Abbas,موسى Mousa Musa Moussa,رشيد Rashid Rasheed,
الفارسي Al-Farsi Alfarsi,البلوشي Al-Balushi Albloushi,مراد Murad Mourad,شاهين Shaheen Shahin,الكعبي Al-Kaabi Alkaabi`;

function parts(table: string): readonly NamePart[] {
  return table.split(",").map((row) => {
    const [native, text, ...variants] = row.trim().split(" ") as [string, string, ...string[]];
    return { text, native, variants };
  });
}

export const ARABIC_MALE = parts(MALE);
export const ARABIC_FEMALE = parts(FEMALE);
export const ARABIC_FAMILY = parts(FAMILY);
