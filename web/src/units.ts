// How units of measure are written: records hold the codes of UN/ECE Recommendation 20.
// The same as in the server's table, but for litres; a test holds them side by side.

const WRITTEN = new Map(
  `
KGM=kg; GRM=g; MGM=mg; MC=µg; TNE=t; KTN=kt; 2U=Mg; DTN=dt; HGM=hg; DJ=dag; DG=dg; CGM=cg;
LBR=lb; ONZ=oz; APZ=oz t; GRN=gr; STN=ton (US); LTN=ton (UK); CWA=cwt (US); CWI=cwt (UK);
STI=st; CTM=ct; DRI=dr; QTR=qtr (UK); MTR=m; KMT=km; HMT=hm; DMT=dm; CMT=cm; MMT=mm; 4H=µm;
C45=nm; C52=pm; A11=Å; MAM=Mm; INH=in; FOT=ft; YRD=yd; SMI=mile; NMI=n mile; AK=fathom; 77=mil;
A45=dam; MTK=m²; KMK=km²; HAR=ha; ARE=a; DMK=dm²; CMK=cm²; MMK=mm²; INK=in²; FTK=ft²; YDK=yd²;
ACR=acre; MIK=mile²; DAA=daa; MTQ=m³; LTR=L; MLT=mL; CLT=cl; DLT=dl; HLT=hL; K6=kl; MAL=Ml;
A44=dal; 4G=µl; DMQ=dm³; CMQ=cm³; MMQ=mm³; INQ=in³; FTQ=ft³; YDQ=yd³; GLL=gal (US); GLI=gal
(UK); QT=qt (US); QTL=liq qt (US); PT=pt (US); PTL=liq pt (US); PTI=pt (UK); OZA=fl oz (US);
OZI=fl oz (UK); BLL=barrel (US); BUA=bu (US); BUI=bu (UK); GII=gi (UK); GIA=gi (US); QTI=qt
(UK); H19=hm³; CEL=°C; KEL=K; FAH=°F; A48=°R; SEC=s; MIN=min; HUR=h; DAY=d; WEE=wk; C26=ms;
B98=µs; C47=ns; B52=ks; ANN=y; MON=mo; PR=pair; DZN=dozen; GRO=gross; GGR=great gross;
CEN=hundred; MIL=thousand; HC=hundred count; T3=thousand piece; MIO=million; NAR=article;
NPR=pair; TPR=ten pair; SET=set; KT=kit; LO=lot; XBX=box; XCT=carton; XCS=case; XPX=pallet;
XBG=bag; XBO=bottle; XDR=drum; XRO=roll; XPK=package; XCR=crate; XSA=sack; XTN=tin; P1=%;
59=ppm; 61=ppb; NX=‰; PAL=Pa; A97=hPa; KPA=kPa; MPA=MPa; A89=GPa; 74=mPa; BAR=bar; MBR=mbar;
ATM=atm; ATT=at; UA=Torr; HN=mmHg; HP=mmH₂O; F79=inHg; PS=psi; E42=kgf/cm²; C55=N/m²; JOU=J;
KJO=kJ; 3B=MJ; GV=GJ; C15=mJ; WHR=W·h; KWH=kW·h; MWH=MW·h; GWH=GW·h; D70=cal (IT); E14=kcal
(IT); K53=kcal (th); BTU=Btu (IT); A53=eV; D35=cal (th); WTT=W; KWT=kW; MAW=MW; A90=GW; C31=mW;
D80=µW; HJ=metric hp; BHP=hp; VLT=V; KVT=kV; B78=MV; 2Z=mV; D82=µV; AMP=A; B22=kA; 4K=mA;
B84=µA; C39=nA; OHM=Ω; B49=kΩ; B75=MΩ; E45=mΩ; B94=µΩ; SIE=S; B53=kS; C27=mS; B99=µS; D10=S/m;
H61=mS/cm; G42=µS/cm; G43=µS/m; H43=S/cm; C61=Ω·m; C60=Ω·cm; FAR=F; C10=mF; 4O=µF; C41=nF;
4T=pF; 81=H; C14=mH; B90=µH; COU=C; AMH=A·h; E09=mA·h; B26=kC; D86=mC; RPM=r/min; RPS=r/s;
KHZ=kHz; MHZ=MHz; A86=GHz; HTZ=Hz; NEW=N; B47=kN; B73=MN; C20=mN; B92=µN; DU=dyn; B37=kgf;
C78=lbf; NU=N·m; B48=kN·m; D83=mN·m; J72=cN·m; B38=kgf·m; MTS=m/s; KMH=km/h; 2M=cm/s; C16=mm/s;
2X=m/min; HM=mile/h; KNT=kn; FS=ft/s; FR=ft/min; MSK=m/s²; K40=gn; A76=Gal; C11=mGal; C81=rad;
C25=mrad; B97=µrad; DD=°; D61=′; D62=″; 2A=rad/s; E96=°/s; 2B=rad/s²; D27=sr; CDL=cd; LUM=lm;
LUX=lx; KLX=klx; A24=cd/m²; D54=W/m²; BQL=Bq; 2Q=kBq; 4N=MBq; GBQ=GBq; CUR=Ci; MCU=mCi; M5=µCi;
A95=Gy; C13=mGy; D91=Sv; C28=mSv; KMQ=kg/m³; 23=g/cm³; GL=g/l; M1=mg/l; GP=mg/m³; GQ=µg/m³;
H29=µg/l; B34=kg/dm³; B35=kg/l; MQS=m³/s; MQH=m³/h; LD=l/d; L2=l/min; E32=l/h; G51=l/s; 40=ml/s;
41=ml/min; KGS=kg/s; E93=kg/h; F31=kg/min; 4M=mg/h; E18=t/h; F26=g/d; F27=g/h; F28=g/min;
F29=g/s; F30=kg/d; F34=mg/s; C34=mol; C18=mmol; FH=µmol; Z9=nmol; B45=kmol; C36=mol/m³;
C38=mol/l; M33=mmol/l; C19=mol/kg; D87=mmol/kg; C65=Pa·s; C24=mPa·s; 89=P; C7=cP; S4=m²/s;
4C=cSt; 91=St; D33=tesla; C29=mT; D81=µT; WEB=Wb; C33=mWb; D50=V/m; D46=VA; KVA=kVA; MVA=MVA;
KVR=kvar; D44=var; MAR=Mvar; AD=byte; 2P=kB; 4L=MB; E34=GB; E35=TB; A99=bit; C37=kbit; D36=Mbit;
2N=dB; C59=oct; Q30=pH; 28=kg/m²; GM=g/m²; P65=Sv/s; P70=Sv/h; P71=mSv/h; P72=µSv/h; NM3=Nm³;
SM3=Sm³; A39=m³/kg; 22=dl/g; H83=l/kg
`
    .split(';')
    .map((one) => one.trim().replaceAll('\n', ' ').split('=') as [string, string]),
)
const PIECES = ['C62', 'H87', 'EA']

// Pieces go without a word; a code that nobody here knows is shown as it is.
export function unitOf(code: string | undefined): string {
  return !code || PIECES.includes(code) ? '' : (WRITTEN.get(code) ?? code)
}
